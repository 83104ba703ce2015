"""Plain words to HTML: paragraphs, and numbers and addresses that can be tapped."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Short numbers count in running text only: in an address they may be a house number.
_SHORT = r"(?<![\w.,:/-])11[23](?![\w:/-]|[.,]\d|\.\w)"
_PHONE = (
    r"(?<![\w.+/-])"
    r"(?:0[89]00[- ]?\d{4}(?:\d{3})?|14 ?0\d{2,3}|(?:\+31|0)[1-9](?:[- ]?\d){8})"
    r"(?![\w-])"
)
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_SITE = r"(?:https?://|www\.)[^\s<>\u2068\u2069]+[^\s<>\u2068\u2069.,;:!?)]"
_DOMAIN = r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:nl|org|com|net|eu)(?![\w-]|\.\w)(?:/[\w/-]*\w)?"


def _pattern(*, short: bool) -> re.Pattern[str]:
    phone = f"{_SHORT}|{_PHONE}" if short else _PHONE
    return re.compile(f"(?P<mail>{_MAIL})|(?P<site>{_SITE}|{_DOMAIN})|(?P<phone>{phone})")


_IN_TEXT = _pattern(short=True)
_IN_LINE = _pattern(short=False)
# "Kosten: gratis" reads faster when the first word stands out.
_LABEL = re.compile(r"([^\W\d][^:：\n]{1,28})[:：]\s+(?=\S)")


def paragraphs(text: str) -> Markup:
    """A message as paragraphs, with line breaks kept and what can be called made a link."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(_linked(line, _IN_TEXT) for line in lines))
        for lines in (part.split("\n") for part in parts if part)
    )


def line(text: str) -> Markup:
    """A line of a card, with its label set apart."""
    label = _LABEL.match(text)
    if label is None:
        return _linked(text, _IN_LINE)
    rest = _linked(text[label.end() :], _IN_LINE)
    return Markup("<b>{}:</b> {}").format(label[1], rest)


def _linked(text: str, pattern: re.Pattern[str]) -> Markup:
    done = Markup("")
    at = 0
    for match in pattern.finditer(text):
        done += escape(text[at : match.start()]) + _link(match)
        at = match.end()
    return done + escape(text[at:])


def _link(match: re.Match[str]) -> Markup:
    shown = match[0]
    match match.lastgroup:
        case "phone":
            number = re.sub(r"[^\d+]", "", shown)
            return Markup('<a href="tel:{}"><bdi dir="ltr">{}</bdi></a>').format(number, shown)
        case "mail":
            return Markup('<a href="mailto:{}"><bdi dir="ltr">{}</bdi></a>').format(shown, shown)
    address = shown if shown.startswith("http") else f"https://{shown}"
    return Markup(
        '<a href="{}" target="_blank" rel="noopener noreferrer"><bdi dir="ltr">{}</bdi></a>'
    ).format(address, shown)
