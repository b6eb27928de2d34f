"""format=flowed (RFC 3676): soft line breaks, space-stuffing, DelSp, quote depth (R27). Linear."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool) -> str:
    """Join flowed lines of one quote depth; the signature line "-- " never flows (RFC 3676 section 4.3)."""
    done: list[str] = []
    open_depth: int | None = None
    held: list[str] = []
    for line in text.split("\n"):
        depth, content = _unquote(line)
        if held and (depth != open_depth or content == "-- "):
            done.append(_quoted(open_depth or 0, held))
            held = []
        open_depth = depth
        flows = content.endswith(" ") and content != "-- "
        held.append(content[:-1] if flows and delete_space else content)
        if not flows:
            done.append(_quoted(depth, held))
            held = []
    if held:
        done.append(_quoted(open_depth or 0, held))
    return "\n".join(done)


def _unquote(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content.removeprefix(" ")


def _quoted(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    if not depth:
        return content
    return f"{'>' * depth} {content}" if content else ">" * depth
