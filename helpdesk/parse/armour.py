"""The words inside a PGP clear-text signature, without its armour (RFC 9580 section 7). Nothing is verified. Linear."""

from __future__ import annotations

_MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"


def without_armour(text: str) -> str:
    """Cut the armour lines and the signature; lines that were dash-escaped get their own beginning back."""
    if _MESSAGE not in text:
        return text
    kept: list[str] = []
    state = "outside"
    for line in text.split("\n"):
        mark = line.rstrip()
        if state == "outside" and mark == _MESSAGE:
            state = "head"
        elif state == "head":
            state = "head" if mark else "words"
        elif state == "words" and mark == _SIGNATURE:
            state = "signature"
        elif state == "signature":
            state = "outside" if mark == _END else "signature"
        else:
            kept.append(line.removeprefix("- ") if state == "words" else line)
    return "\n".join(kept).strip("\n") if state == "outside" else text
