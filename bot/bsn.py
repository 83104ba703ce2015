"""Citizen service numbers (BSN): recognised by their check digit, masked before all else."""

from __future__ import annotations

import re

MASK = "[BSN]"
_DIGITS = re.compile(r"(?<!\d)(?:\d[ .\-]?){8}\d(?!\d)")
# After the country's code nine digits are a telephone number; "+31 (0)6 …" is one too.
_ABROAD = re.compile(r"(?:\+|(?<!\d)00)[ .\-]?31[ .\-]?(?:\(0\)[ .\-]?)?$")
_ABROAD_LENGTH = 12
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def mask(text: str) -> str:
    """Replace every nine-digit number that passes the BSN's check by `MASK`.

    Nine digits in any script count, with spaces, dots or dashes between them. A telephone
    number behind +31 or 0031 is left as it is.
    """
    return _DIGITS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _ABROAD_LENGTH) : match.start()]
    if _ABROAD.search(before):
        return match.group()
    digits = [int(sign) for sign in match.group() if sign.isdecimal()]
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return MASK if total % 11 == 0 and any(digits) else match.group()
