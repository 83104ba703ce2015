"""Words that say that somebody asks, not what they ask for, in the languages of the front door."""

from knowledge.words import tokens

_ASKING = """
de het een en of maar om te van voor met in op aan bij naar uit over door als dan dat die dit
deze er is zijn was ben bent wordt worden heb hebt heeft hebben had kan kun kunt kunnen wil wilt
willen zou zoek zoekt zoeken ga gaat gaan moet moeten mag graag iets iemand niemand niet geen
nog ook wel ik je jij u we wij ze zij hij mij me mijn jouw haar ons onze hun hem mee wat waar
wie hoe wanneer welke hier daar nu al zo heel erg beetje veel meer help helpen hulp nodig doe
doen weet want omdat tot ergens tijd laatste steeds altijd vaak soms gewoon eigenlijk moeilijk
lukt mensen maken maakt weer echt zelf mezelf laat komen kom komt ander anders samen hallo hoi
lately just really feel get got so all the a an and or but to of for with in on at by from about
as than that this these there is are was am be been have has had can could want wants would like
looking look find need needs must may something someone somebody anyone not no also i you he she
we they me my your his her our their it who what where how when which here now very much more
help do does know because
çok hep şimdi bir ve veya ile için bu şu o ben sen biz siz onlar var yok mı mi istiyorum lazım
nasıl nerede ne kim daha yardım biri birisi arıyorum
mam jestem taki taka takie ciągle ostatnio w we z ze na do od dla o u i a oraz lub nie tak jest są
być mam ma chcę szukam potrzebuję ktoś kogoś coś gdzie jak kiedy co kto mi mnie mój moja się to
ten ta bardzo pomoc pomocy
لدي جدا دائما في من على الى عن مع هذا هذه انا انت هو هي نحن هم هل ما لا اريد احتاج احد شخص اين كيف
عندي متى كان و в у на до від з із зі для про як що це цей ця я ти ви ми він вона вони мені мене мій
моя є не ні хочу шукаю потрібна потрібно потрібен хтось когось де коли хто дуже допомога
допомогу
przy po przed pod nad bez przez gdy jeśli już jeszcze tylko też albo ale czy może można każdy
wszystko wszyscy który która które których jego jej ich nas was ty my wy on ona oni tu tam raz
przyszedł przyszła przyszło idę idzie jest było będzie
olan olarak kadar sonra önce gibi ama fakat her bu şey şöyle böyle orada burada geldi gidiyor oldu
into out up down over after before through between each every own same only just then
там тут буде було була був ще вже лише тільки або але якщо коли після перед через під над без при
прийшов прийшла
هناك هنا بعد قبل كل بعض غير مثل ثم أو لكن اذا حتى بين عند
"""

STOPWORDS = frozenset(_ASKING.split()) | frozenset(tokens(_ASKING))
"""As written and as normalised."""
