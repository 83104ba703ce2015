"""Who a request is from, and in which language to answer."""

from __future__ import annotations

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from bot.web_security import from_own_page, is_secure

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_WISHES = 20


def new_token() -> str:
    """A token of 256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)


class Browsers:
    """Knows a browser by a random token in a cookie, and by nothing else."""

    def __init__(self, languages: tuple[str, ...], public_url: str) -> None:
        self._languages = languages
        self._public_url = public_url

    def is_own(self, request: Request) -> bool:
        """Whether a post comes from a page of ours."""
        return from_own_page(request, self._public_url)

    def token(self, request: Request) -> str | None:
        """The token of a browser; None for one without, or with something else in its place."""
        token = request.cookies.get(self._cookie(request), "")
        return token if _TOKEN.fullmatch(token) else None

    def remember(self, request: Request, response: Response, token: str) -> None:
        """Give a browser its token. It goes when the browser closes: people share devices."""
        response.set_cookie(
            self._cookie(request),
            token,
            path="/",
            httponly=True,
            samesite="strict",
            secure=is_secure(request, self._public_url),
        )

    def forget(self, request: Request, response: Response) -> None:
        """Take the token back."""
        response.delete_cookie(
            self._cookie(request), path="/", secure=is_secure(request, self._public_url)
        )

    def _cookie(self, request: Request) -> str:
        return "__Host-voordeur" if is_secure(request, self._public_url) else "voordeur"

    def language(self, request: Request, wish: str = "") -> str:
        """The language wished for, of the link, or of the browser; else the first we speak."""
        header = request.headers.get("accept-language", "")
        for code in (wish, request.query_params.get("lang", ""), *_listed(header)):
            if code in self._languages:
                return code
        return self._languages[0]


def _listed(header: str) -> list[str]:
    """The languages of an Accept-Language header, in their order."""
    parts = header.split(",")[:_MOST_WISHES]
    return [part.split(";")[0].split("-")[0].strip().lower() for part in parts]
