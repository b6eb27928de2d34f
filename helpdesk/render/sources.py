"""The files of a canned response as they stand in their folder: read, not yet understood."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from helpdesk.render.sandbox import LARGEST_TEMPLATE, Fault

_LANGUAGE = re.compile(r"[a-z]{2,3}")

Key = tuple[str, str]
"""Language and name; replies are `replies/<name>`, pages of knowledge `knowledge/<topic>`."""
_Stat = tuple[int, int]
Stamp = tuple[_Stat | None, ...]


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


def stamps(folder: Path) -> dict[Key, Stamp]:
    """Every canned response of the folder, in order. Its stamp changes when its text or the HTML beside it does.

    The desk looks every few seconds, so this makes no more of a file than its name and what the system says of it.
    """
    found: dict[Key, Stamp] = {}
    for language in filter(_LANGUAGE.fullmatch, _stats(folder)):
        for below in ("", "replies/", "knowledge/"):
            its = _stats(folder / language / below)
            for name in its:
                stem, dot, ending = name.rpartition(".")
                if dot and ending == "txt":
                    found[language, below + stem] = its[name], its.get(f"{stem}.html")
    return dict(sorted(found.items()))


def _stats(folder: Path) -> dict[str, _Stat | None]:
    """What is in it, with the instant of the last change and the size; None for what cannot be looked at."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _stat(entry) for entry in entries}
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}


def _stat(entry: os.DirEntry[str]) -> _Stat | None:
    try:
        stat = entry.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def read(path: Path) -> Source:
    """Raises WrongFileError for what cannot be read."""
    html = path.with_suffix(".html")
    return Source(_read_text(path), _read_text(html) if html.is_file() else None)


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()[: 4 * LARGEST_TEMPLATE + 4]
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WrongFileError(path, Fault(line, "the file is not UTF-8")) from None
    except OSError as error:
        raise WrongFileError(path, Fault(1, f"the file cannot be read: {error.strerror}")) from None
