"""What the platform's error codes mean for a message: again, later, or never."""

from __future__ import annotations

import logging

from bot.channels.port import Outcome, Refused, Retry, Shut, Unknown

log = logging.getLogger(__name__)

_SOON, _PAIR, _LATER, _MUCH_LATER = 3.0, 6.0, 60.0, 900.0
_SHUT = 131047
# Too fast for this person; too fast in all, or for this app; too many complaints about us.
_TOO_FAST = {131056: _PAIR, 130429: _SOON, 4: _LATER, 80007: _LATER, 131048: _MUCH_LATER}
_NOT_NOW = {1: _SOON, 2: _SOON, 131000: _SOON, 131016: _SOON, 131057: _LATER, 133004: _SOON}
# The token, the number or the account; an administrator has to do something.
_OURS = {0, 3, 10, 190, 368, 131005, 131031, 131042, 131045, 130497, 133010}
_NO_TEMPLATE = {132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016}
# The app is too old, or there is nobody under this number.
_UNREACHABLE = {131026, 131021, 131030, 131062}
_UNWANTED = {131050}
_TOO_MANY_OR_SLOW = {408, 429}
_FIRST_SERVER_ERROR = 500


class GraphError(Exception):
    """The platform answered with an error: its code, the HTTP status, and its words.

    Its words may hold what was sent: they are for an administrator's screen, never for a log.
    """

    def __init__(self, code: int, status: int | None, words: str) -> None:
        super().__init__(f"error {code}")
        self.code = code
        self.status = status
        self.words = words


def outcome(error: GraphError) -> Outcome:
    """What became of a message for which the platform answered with an error."""
    code = error.code
    if code == _SHUT:
        return Shut()
    if code in _TOO_MANY_OR_SLOW or error.status in _TOO_MANY_OR_SLOW:
        return Retry(_TOO_FAST.get(code, _SOON))
    if (wait := _TOO_FAST.get(code) or _NOT_NOW.get(code)) is not None:
        return Retry(wait)
    if code in _OURS or 200 <= code < 300:
        log.error("WhatsApp refuses this number or its token (code %d): look at the account", code)
        return Retry(_MUCH_LATER)
    if (status := error.status) is not None and status >= _FIRST_SERVER_ERROR:
        # 504: the server behind it may have done it all the same.
        return Unknown("504") if status == 504 else Retry(_SOON)
    return Refused(reason(code))


def reason(code: int | None) -> str:
    """Why a message failed, in a word that the desk knows or with the platform's code."""
    if code is None:
        return "other"
    if code in _NO_TEMPLATE:
        return "no_template"
    if code in _UNREACHABLE:
        return "unreachable"
    if code in _UNWANTED:
        return "unwanted"
    return "shut" if code == _SHUT else f"code {code}"
