"""The files of a canned response as they stand in their folder: read, not yet understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpdesk.render.sandbox import LARGEST_TEMPLATE, Fault

_LANGUAGE = re.compile(r"[a-z]{2,3}")

Key = tuple[str, str]
"""Language and name; replies are `replies/<name>`, pages of knowledge `knowledge/<topic>`."""
Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The text of `<name>.txt`, and of `<name>.html` where there is one beside it."""

    text: str
    html: str | None


@dataclass(eq=False)
class WrongFileError(Exception):
    """The fault is in this file."""

    file: Path
    fault: Fault


def files(folder: Path) -> Iterator[tuple[Key, Path]]:
    """Every canned response of the folder, in order."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.is_dir() and _LANGUAGE.fullmatch(place.name):
            found = (*place.glob("*.txt"), *place.glob("replies/*.txt"), *place.glob("knowledge/*.txt"))
            for path in sorted(found):
                yield (place.name, path.relative_to(place).with_suffix("").as_posix()), path


def read(path: Path) -> Source:
    """Raises WrongFileError for what cannot be read."""
    html = path.with_suffix(".html")
    return Source(_read_text(path), _read_text(html) if html.is_file() else None)


def stamp(path: Path) -> Stamp:
    """Changes when the text or the HTML beside it changes."""
    stamps: list[tuple[int, int] | None] = []
    for file in (path, path.with_suffix(".html")):
        try:
            stat = file.stat()
            stamps.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            stamps.append(None)
    return tuple(stamps)


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()[: 4 * LARGEST_TEMPLATE + 4]
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WrongFileError(path, Fault(line, "the file is not UTF-8")) from None
    except OSError as error:
        raise WrongFileError(path, Fault(1, f"the file cannot be read: {error.strerror}")) from None
