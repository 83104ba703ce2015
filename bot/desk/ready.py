"""Ready-made replies: chosen and filled in Dutch, read in the resident's own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from sqlalchemy.orm import Session
from starlette.routing import Route

from bot.desk import blanks
from bot.desk.acts import Acts, number
from bot.desk.blanks import BLANKS, BlankError
from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.view import LANGUAGE
from bot.desk.visit import Done, Guard, Visit
from bot.store import audit, handoffs, talks
from bot.store.models import Handoff
from flows.say import Line

# In the order in which they are offered; the words and their blanks are in the catalogues.
REPLIES = (
    "reply.call",
    "reply.ask_number",
    "reply.ask_when",
    "reply.meet",
    "reply.look_into",
    "reply.tell_more",
    "reply.interpreter",
    "reply.not_reached",
    "reply.colleague",
    "reply.waiting",
    "reply.done",
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A ready-made reply as it is shown to choose from; `blanks` in the order of asking."""

    key: str
    text: str
    blanks: tuple[str, ...]


class ReadyReplies(Acts):
    """The pages on which a ready-made reply is chosen, filled in, seen and sent."""

    def __init__(self, desk: Desk, pages: Pages, guard: Guard) -> None:
        """Read the replies from the Dutch catalogue."""
        super().__init__(desk, pages)
        self._guard = guard
        self._offered = {key: self._offer(key) for key in REPLIES}

    def routes(self) -> list[Route]:
        """The routes."""
        reads, writes = self._guard.reads, self._guard.writes
        return [
            Route("/desk/{code}/ready", reads(self.choose)),
            Route("/desk/{code}/ready/look", writes(self.look), methods=["POST"]),
            Route("/desk/{code}/ready/send", writes(self.send), methods=["POST"]),
        ]

    def _offer(self, key: str) -> Offered:
        # Of the plural forms the last is the one for several.
        text = self._desk.texts.raw(LANGUAGE, key)[-1]
        found = {name for _, name, _, _ in Formatter().parse(text) if name}
        shown = text.format_map({name: f"[{self._word(name)}]" for name in found})
        return Offered(key, shown, tuple(name for name in BLANKS if name in found))

    def _word(self, blank: str) -> str:
        return self._pages.view.word("blank", blank).lower()

    def choose(self, visit: Visit) -> Done:
        """The replies to choose from, or the one that was chosen."""
        offered = self._offered.get(visit.query.get("reply", ""))
        with self._desk.database.read() as session:
            row = handoffs.by_code(session, visit.code) if visit.code else None
            if row is None:
                return Done(self._unknown())
            if not handoffs.has(row, visit.me):
                return self._too_late(row)
            language = self._language(session, row)
            talk = talks.read(session, row, self._desk.clock())
        after = talk[-1].id if talk else 0
        ready = None
        if offered is not None and not offered.blanks:
            ready = self._written(Line(offered.key), language)
        return self._page(visit, row, language, offered, ready=ready, after=after)

    def look(self, visit: Visit) -> Done:
        """The reply in both languages, before it goes."""
        return self._go_on(visit, send=False)

    def send(self, visit: Visit) -> Done:
        """Send what was seen."""
        return self._go_on(visit, send=True)

    def _go_on(self, visit: Visit, *, send: bool) -> Done:
        now, form = self._desk.clock(), visit.form
        offered, after = self._offered.get(form.get("reply", "")), number(form.get("after", ""))
        with self._desk.database.begin() as session:
            row = talks.hold(session, visit.code) if visit.code else None
            if row is None:
                return Done(self._unknown())
            if not handoffs.has(row, visit.me):
                return self._too_late(row)
            language = self._language(session, row)
            if offered is None:
                return self._page(visit, row, language, None, after=after)
            try:
                values = blanks.fill(offered.blanks, form, now)
            except BlankError as error:
                return self._page(visit, row, language, offered, error=error, after=after)
            ready = self._written(Line(offered.key, values), language)
            # Since it was shown the resident may have gone on in another language.
            if not send or form.get("language") != language:
                return self._page(visit, row, language, offered, ready=ready, after=after)
            if talks.is_said(session, row, visit.me, ready, after):
                return self._back(row, "replied")
            handoffs.reply(session, row, visit.me, ready, now)
            audit.add(session, visit.me.id, "ready", now, row.code)
        return self._back(row, "replied", turn=True)

    def _language(self, session: Session, row: Handoff) -> str:
        language = talks.written_in(session, row)
        return language if language in self._desk.texts.languages else LANGUAGE

    def _written(self, line: Line, language: str) -> handoffs.Ready:
        texts, directory = self._desk.texts, self._desk.place.city.directory
        dutch = texts.write(line, LANGUAGE, directory)
        return handoffs.Ready(line, dutch, texts.write(line, language, directory), language)

    def _page(
        self,
        visit: Visit,
        row: Handoff,
        language: str,
        offered: Offered | None,
        *,
        after: int,
        ready: handoffs.Ready | None = None,
        error: BlankError | None = None,
    ) -> Done:
        view, now = self._pages.view, self._desk.clock()
        page = self._pages.show(
            "ready.html",
            200 if error is None else 422,
            me=visit.me,
            csrf=visit.csrf,
            row=row,
            topic=view.topic(row),
            language=view.language(language),
            foreign=language != LANGUAGE,
            replies=self._offered.values(),
            offered=offered,
            ready=ready,
            direction=self._desk.texts.direction(language),
            problem=None if error is None else self._problem(error),
            wrong=() if error is None else error.blanks,
            options=blanks.options(now),
            most=blanks.MOST_SIGNS,
            given=_given(visit.form, ready),
            after=after,
        )
        return Done(page)

    def _problem(self, error: BlankError) -> str:
        named = ", ".join(self._word(name) for name in error.blanks)
        return self._pages.view.word("blanks", error.problem).format(blanks=named)


def _given(form: Mapping[str, str], ready: handoffs.Ready | None) -> dict[str, str]:
    """What stands in the blanks; a typed one as it will be sent."""
    given = {name: form.get(name, "") for name in BLANKS}
    values = {} if ready is None else ready.line.params
    return {**given, **{name: text for name, text in values.items() if isinstance(text, str)}}
