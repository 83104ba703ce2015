"""Getting the text of an import from disk, whatever is there: the only code here that reads.

Nothing is unpacked to disk, nothing outside the given path is opened, and nothing larger than
the limits is held in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from knowledge.exchange.problems import Problem

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_IMPORT = 256 * 1024 * 1024
MOST_FILES = 500

_KINDS = (".json", ".csv")
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of an import by its name below the given path, and what it holds."""

    name: str
    text: str


def read(path: Path) -> tuple[list[Source], list[Problem]]:
    """All JSON and CSV files of a file, folder or zip, decoded; and what could not be read."""
    sources: list[Source] = []
    problems: list[Problem] = []
    total = 0
    try:
        for name, data in _contents(path):
            total += len(data)
            read = _decode(name, data)
            if isinstance(read, Problem):
                problems.append(read)
            else:
                sources.append(read)
            if total > LARGEST_IMPORT:
                raise _RefusedError(name, f"more than {LARGEST_IMPORT} bytes in all")
            if len(sources) + len(problems) > MOST_FILES:
                raise _RefusedError(name, f"more than {MOST_FILES} files")
    except _RefusedError as refused:
        problems.append(Problem(refused.name, "", "", refused.why))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        problems.append(Problem(path.name, "", "", f"cannot be read: {error}"))
    if not sources and not problems:
        problems.append(Problem(path.name, "", "", "holds no .json or .csv file"))
    return sources, problems


class _RefusedError(Exception):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() == ".zip":
        return _zip(path)
    return iter([(path.name, _bytes(path, path.name))])


def _folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if _wanted(name) and file.is_file() and not file.is_symlink():
            yield name, _bytes(file, name)


def _bytes(file: Path, name: str) -> bytes:
    with file.open("rb") as opened:
        return _limited(opened.read(LARGEST_FILE + 1), name)


def _zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = PurePosixPath(member.filename)
            if member.is_dir() or not _wanted(member.filename):
                continue
            if name.is_absolute() or ".." in name.parts or "\\" in member.filename:
                raise _RefusedError(member.filename, "points outside the archive")
            with archive.open(member) as opened:
                yield member.filename, _limited(opened.read(LARGEST_FILE + 1), member.filename)


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_FILE:
        raise _RefusedError(name, f"larger than {LARGEST_FILE} bytes")
    return data


def _wanted(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__")) and part != ".." for part in parts)
    known = PurePosixPath(name).suffix.lower() in _KINDS
    return known and not hidden and parts[-1] != "datapackage.json"


def _decode(name: str, data: bytes) -> Source | Problem:
    if data.startswith(_OTHER_ENCODINGS):
        return Problem(name, "", "", "is UTF-16; save it as UTF-8")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Problem(name, "", "", f"is not UTF-8 (at byte {error.start}); save it as UTF-8")
