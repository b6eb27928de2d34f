"""config.example.toml documents every key with its true default, and loads as it is."""

import re
import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from helpdesk.config import Config
from helpdesk.config.remedies import table_of
from helpdesk.config.root import Root

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TEXT = EXAMPLE.read_text()
LINE = re.compile(r"^(#?)([a-z_]+) = (.*)$")
HEADER = re.compile(r"^#?(\[+)([a-z_.0-9]+)\]+")


def everything() -> dict[str, Any]:
    """The example with every commented key put in."""
    return tomllib.loads(re.sub(r"^#(?=\[|[a-z_0-9]+ = )", "", TEXT, flags=re.M))


def keys(model: type[BaseModel], prefix: str = ""):
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        yield key
        if table := table_of(info.annotation):
            yield from keys(table, key + ".")


def written(data: Any, prefix: str = ""):
    for key, value in data.items():
        yield prefix + key
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, dict):
                yield from written(table, prefix + key + ".")


def documented_defaults():
    table = ""
    for line in TEXT.splitlines():
        if header := HEADER.match(line):
            table = header[2]
        elif (found := LINE.match(line)) and found[1] and "no default" not in found[3]:
            yield f"{table}.{found[2]}"


def at(thing: Any, path: str) -> Any:
    for step in path.split("."):
        thing = getattr(thing[0] if isinstance(thing, tuple) else thing, step)
    return thing


def test_every_key_that_exists_is_documented():
    assert set(keys(Root)) == set(written(everything()))


def test_every_documented_default_is_the_true_one():
    """The whole example against a file that sets only what must be set."""
    person = {"name": "Bart", "address": "bart@staff.example"}
    imap = {"host": "imap.desk.example", "username": "help"}
    imap["oauth2"] = {"token_url": "https://login.desk.example/token", "client_id": "helpdesk"}
    bare = {
        "desk": {"address": "help@desk.example"},
        "receive": {"smtp": {}, "imap": [imap]},
        "web": {},
        "operators": [person],
        "pic": [person],
        "forms": [{"name": "offline", "fields": [{"name": "email"}]}],
    }

    documented, true = Root.model_validate(everything()), Root.model_validate(bare)

    defaults = list(documented_defaults())
    assert len(defaults) > 50
    assert {key: at(documented, key) for key in defaults} == {key: at(true, key) for key in defaults}


def test_every_key_with_a_default_shows_it_or_names_it():
    """No line that sets an example value may leave the reader without the default."""
    table, silent = "", []
    for line in TEXT.splitlines():
        if header := HEADER.match(line):
            table = header[2]
        elif (found := LINE.match(line)) and not found[1] and "default" not in found[3].lower():
            silent.append(f"{table}.{found[2]}")

    must_be_set = ["desk.address", "operators.name", "operators.address", "pic.name", "pic.address"]
    must_be_set += ["third_parties.name", "third_parties.address", "forms.name", "forms.fields.name"]
    assert silent == must_be_set


@pytest.fixture
def example(tmp_path):
    shutil.copy(EXAMPLE, tmp_path / "config.toml")
    (tmp_path / "canned_responses" / "en").mkdir(parents=True)
    return tmp_path / "config.toml"


def test_the_example_loads_without_a_warning(example):
    config = Config.load(example, {})

    assert config.warnings() == []
    policy = config.policy(date(2026, 6, 1))
    assert policy.name == "iDuHelp!"
    assert {date(2026, 8, 17), date(2026, 12, 24)} <= policy.calendar.holidays


def test_the_example_with_secrets_loads(example):
    """With the files that it names, private."""
    folder = example.parent
    (folder / "secrets").mkdir()
    for name in ("imap", "send"):
        (folder / "secrets" / name).write_text("s3cret\n")
        (folder / "secrets" / name).chmod(0o600)
    mail = "\n[[receive.imap]]\nhost='imap.desk.example'\nusername='help'\npassword_file='secrets/imap'\n"
    text = example.read_text().replace('#tls = "none" ', 'tls = "starttls" ')
    text = text.replace(
        '#username = "help"                       # no default: no login', 'username = "help"'
    )
    example.write_text(
        text.replace('#password_file = "secrets/send"', 'password_file = "secrets/send"') + mail
    )

    config = Config.load(example, {})

    assert (config.send.port, config.send.password()) == (587, "s3cret")
    assert config.imap_accounts[0].password() == "s3cret"
