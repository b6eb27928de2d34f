"""Values by environment variable: HELPDESK_<TABLE>__<KEY>, for containers.

HELPDESK_SLA__CLOCK, HELPDESK_RECEIVE__SMTP__PORT, HELPDESK_RECEIVE__IMAP__0__HOST (the first mailbox).
Lists and tables are written as TOML: HELPDESK_DESK__PIC='["pic@desk.example"]', HELPDESK_OPERATORS='[{...}]'.
No overrides are HELPDESK_CONFIG and other names that are no table and hold no double underscore, and a variable
that a `*_env` key of the file names as its secret.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from helpdesk.config.errors import ConfigError, Loc

PREFIX = "HELPDESK_"


def with_overrides(
    data: Mapping[str, Any], environ: Mapping[str, str], tables: Collection[str]
) -> tuple[dict[str, Any], dict[Loc, str]]:
    """Return the data with the variables' values put in, and which variable wrote which loc.

    `tables` are the names that may stand alone. Raises ConfigError for a value or a place that cannot be.
    """
    result, variables = deepcopy(dict(data)), {}
    secrets = set(_named_secrets(data))
    for name in sorted(environ):
        path = name.removeprefix(PREFIX)
        if name == path or name in secrets or not ("__" in path or path.lower() in tables):
            continue
        loc: Loc = tuple(int(step) if step.isdigit() else step for step in path.lower().split("__"))
        _put(result, loc, _value(name, environ[name]), name)
        variables[loc] = name
    return result, variables


def _named_secrets(data: Any) -> Iterator[str]:
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if isinstance(value, str) and str(key).endswith("_env"):
            yield value
        for inner in value if isinstance(value, list) else [value]:
            yield from _named_secrets(inner)


def _value(name: str, text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [f'environment: {name}: not TOML ({error}); write for example ["one", "two"]']
        ) from error


def _put(data: Any, loc: Loc, value: Any, name: str) -> None:
    """Walk to the place and set it; tables on the way are made, a list grows by one at its end."""
    for step, following in zip(loc, (*loc[1:], None), strict=True):
        inner: Any = value if following is None else ([] if isinstance(following, int) else {})
        if isinstance(data, dict):
            if following is None:
                data[step] = inner
            data = data.setdefault(step, inner)
        elif isinstance(data, list) and isinstance(step, int) and step <= len(data):
            if step == len(data):
                data.append(inner)
            elif following is None:
                data[step] = inner
            data = data[step]
        else:
            raise ConfigError(
                [f"environment: {name}: there is no such place; the first of a list has number 0"]
            )
