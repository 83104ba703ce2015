"""Files that never change under their address: the address carries what is in them."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_YEAR = "public, max-age=31536000, immutable"
_MARK_LENGTH = 12


class StaticFiles:
    """The files of one folder, read once, under `prefix/<mark of the content>/<name>`."""

    def __init__(self, prefix: str, folder: Path, names: tuple[str, ...]) -> None:
        """Read the named files. Raises FileNotFoundError for one that is missing."""
        self.path = f"{prefix}/{{mark}}/{{name}}"
        self._files: dict[tuple[str, str], bytes] = {}
        self._urls: dict[str, str] = {}
        for name in names:
            content = (folder / name).read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:_MARK_LENGTH]
            self._files[mark, name] = content
            self._urls[name] = f"{prefix}/{mark}/{name}"

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a file that was not named."""
        return self._urls[name]

    async def serve(self, request: Request) -> Response:
        """Answer with a file; 404 for another content or name."""
        mark, name = request.path_params["mark"], request.path_params["name"]
        content = self._files.get((mark, name))
        if content is None:
            return PlainTextResponse("not found", status_code=404)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(content, media_type=kind, headers={"Cache-Control": _YEAR})
