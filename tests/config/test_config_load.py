"""Loading: defaults, overrides by the environment, paths, urls, secrets and what a Policy is made of."""

from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from helpdesk.config import Config, ConfigError
from helpdesk.model.people import Person
from helpdesk.model.policy import (
    Assignment,
    AssignmentMode,
    Cards,
    Closing,
    FollowUp,
    Policy,
    Sla,
    WorkCalendar,
)
from helpdesk.model.ticket import Clock

DESK = '[desk]\naddress = "Help@Desk.Example"\n'


@pytest.fixture
def load(folder):
    def write_and_load(text: str = "", **environ: str) -> Config:
        (folder / "config.toml").write_text(DESK + text)
        return Config.load(folder / "config.toml", environ)

    return write_and_load


def refused(load, text: str = "", **environ: str) -> str:
    with pytest.raises(ConfigError) as error:
        load(text, **environ)
    return str(error.value)


def test_one_address_is_enough_and_the_rest_are_the_models_defaults(load):
    policy = load().policy(date(2026, 6, 1))

    assert policy == Policy("Helpdesk", "help@desk.example", WorkCalendar(ZoneInfo("UTC")))
    assert (policy.assignment, policy.sla, policy.follow_up) == (Assignment(), Sla(), FollowUp())
    assert (policy.closing, policy.cards) == (Closing(), Cards())


def test_without_a_path_the_environment_or_the_current_folder_names_the_file(load, folder):
    load()
    (folder / "other.toml").write_text(DESK + 'name = "Other"\n')

    assert Config.load(None, {}).root.desk.name == "Helpdesk"
    assert Config.load(None, {"HELPDESK_CONFIG": "other.toml"}).root.desk.name == "Other"


def test_a_file_that_is_not_there_names_the_remedy(folder):
    with pytest.raises(ConfigError, match=r"^config\.toml: No such file or directory; .*helpdesk init"):
        Config.load(None, {})


def test_a_file_that_is_not_utf_8_says_where(folder):
    (folder / "config.toml").write_bytes(b'[desk]\nname = "\xe9"\n')

    with pytest.raises(ConfigError, match=r"^config\.toml: not UTF-8 at byte 15; save"):
        Config.load(None, {})


def test_the_policy_says_what_the_file_says(load):
    config = load(
        'name = "iDuHelp!"\nlist = "milis@lists.example"\npic = ["PIC@desk.example"]\ntimezone = "Asia/Jakarta"\n'
        '[assignment]\nmode = "claim"\nclaim_window = "1.5m"\n'
        '[sla]\nfirst_response = "2s"\nclock = "working_hours"\nremind_at = []\n'
        '[calendar]\nworking_days = ["sun", "mon"]\nhours = "22:00-24:00"\ncountry = "ID"\n'
        'extra_holidays = ["2026-12-24", 2026-12-31]\n'
        '[[operators]]\nname = "Bart"\naddress = "Bart@staff.example"\naliases = ["b@mail.example"]\n'
        '[[pic]]\nname = "Dora"\naddress = "dora@staff.example"\n'
    )

    policy = config.policy(date(2026, 6, 1))

    assert (policy.list_address, policy.pic_addresses) == ("milis@lists.example", ("pic@desk.example",))
    assert policy.assignment == Assignment(AssignmentMode.CLAIM, timedelta(seconds=90))
    assert (policy.sla.first_response, policy.sla.clock) == (timedelta(seconds=2), Clock.WORKING_HOURS)
    assert (policy.calendar.working_days, policy.calendar.opens) == ({6, 0}, time(22))
    assert policy.calendar.closes == time(0)
    assert policy.operators == (Person("Bart", "bart@staff.example", ("b@mail.example",)),)
    assert policy.pics == (Person("Dora", "dora@staff.example"),)
    assert {
        date(2026, 12, 24),
        date(2026, 12, 31),
        date(2025, 1, 1),
        date(2029, 1, 1),
    } <= policy.calendar.holidays
    assert not {day for day in policy.calendar.holidays if not 2025 <= day.year <= 2029}


def test_languages_are_the_folders_of_the_canned_responses_the_desks_own_first(load, folder):
    for name in ("id", "el", ".git"):
        (folder / "canned_responses" / name).mkdir()

    assert load('language = "id"\n').policy(date(2026, 6, 1)).languages == ("id", "el", "en")


def test_relative_paths_start_at_the_file(load, folder, monkeypatch):
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")

    config = load('[store]\nurl = "sqlite:///data/desk.db"\n')

    assert config.state_folder == folder / "var"
    assert config.canned_folder == folder / "canned_responses"
    assert config.maildir == folder / "var" / "outgoing"
    assert config.desk_url == f"sqlite:///{folder}/data/desk.db"
    assert config.spool_url == f"sqlite:///{folder}/data/desk-spool.db"


def test_the_default_database_lies_in_the_state_folder(load, folder):
    config = load('state = "state"\n')

    assert config.desk_url == f"sqlite:///{folder}/state/helpdesk.db"
    assert config.spool_url == f"sqlite:///{folder}/state/spool.db"


def test_postgresql_gets_its_password_from_a_file_and_shows_it_nowhere(load):
    config = load('[store]\nurl = "postgresql+psycopg://desk@db/helpdesk"\npassword_file = "secret"\n')

    assert config.desk_url == config.spool_url == "postgresql+psycopg://desk:s3cret@db/helpdesk"
    assert "s3cret" not in repr(config) + repr(config.root)


def test_a_url_with_a_password_may_come_from_the_environment(load):
    url = "postgresql+psycopg://desk:hunter2@db/helpdesk"

    config = load(HELPDESK_STORE__URL=url)

    assert config.desk_url == url
    assert "hunter2" not in repr(config) + repr(config.root)


def test_no_repr_shows_a_secret(load):
    """T26."""
    config = load(
        '[send]\ntls = "starttls"\nusername = "help"\npassword_env = "SEND_PASSWORD"\n'
        '[[receive.imap]]\nhost = "imap.desk.example"\nusername = "help"\npassword_file = "secret"\n',
        SEND_PASSWORD="hunter2",
    )

    assert (config.send.password(), config.imap_accounts[0].password()) == ("hunter2", "s3cret")
    shown = "".join(
        map(repr, (config, config.root, config.send, config.imap_accounts, config.root.model_dump()))
    )
    assert "hunter2" not in shown
    assert "s3cret" not in shown


def test_a_secret_file_is_read_anew_each_time(load, folder):
    config = load('[send]\ntls = "starttls"\nusername = "help"\npassword_file = "secret"\n')

    (folder / "secret").write_text("changed\n")

    assert config.send.password() == "changed"


def test_a_secret_file_that_was_opened_to_everybody_later_is_refused(load, folder):
    config = load('[send]\ntls = "starttls"\nusername = "help"\npassword_file = "secret"\n')

    (folder / "secret").chmod(0o644)

    with pytest.raises(ConfigError, match="chmod o="):
        config.send.password()


@pytest.mark.parametrize(("tls", "port"), [("none", 25), ("starttls", 587), ("implicit", 465)])
def test_the_port_for_sending_goes_with_tls(load, tls, port):
    assert load(f'[send]\ntls = "{tls}"\n').send.port == port
    assert load(f'[send]\ntls = "{tls}"\nport = 2525\n').send.port == 2525


@pytest.mark.parametrize(("tls", "port"), [("none", 143), ("starttls", 143), ("implicit", 993)])
def test_the_port_for_reading_goes_with_tls(load, tls, port):
    text = (
        f'[[receive.imap]]\nhost = "localhost"\nusername = "help"\npassword_file = "secret"\ntls = "{tls}"\n'
    )

    assert load(text).imap_accounts[0].port == port


def test_no_table_no_listener_and_no_web(load):
    config = load()

    assert (config.smtp_listener, config.web, config.public_url) == (None, None, "")


def test_the_survey_page_is_where_the_web_listens_unless_told_otherwise(load):
    assert load("[web]\nport = 8181\n").public_url == "http://127.0.0.1:8181"
    assert load('public_url = "https://desk.example/"\n[web]\n').public_url == "https://desk.example"


def test_the_desk_greets_as_its_domain_unless_told_otherwise(load):
    assert load().hostname == "desk.example"
    assert load('hostname = "MX.desk.example"\n').hostname == "mx.desk.example"


def test_variables_override_the_file(load):
    config = load(
        '[sla]\nfirst_response = "24h"\n[[receive.imap]]\nhost = "old.desk.example"\nusername = "help"\n'
        'password_file = "secret"\n',
        HELPDESK_SLA__FIRST_RESPONSE="4h",
        HELPDESK_SLA__REMIND_AT="[0.25]",
        HELPDESK_RECEIVE__SMTP__PORT="2525",
        HELPDESK_RECEIVE__IMAP__0__HOST="new.desk.example",
        HELPDESK_OPERATORS='[{name = "Bart", address = "bart@staff.example"}]',
        HELPDESK_OPERATORS__1__NAME="Cate",
        HELPDESK_OPERATORS__1__ADDRESS="cate@staff.example",
        HELPDESK_WEB__METRICS_FOR_ALL="true",
        HELPDESK_CONFIG="elsewhere.toml",
        OTHER__THING="x",
    )

    assert (config.root.sla.first_response, config.root.sla.remind_at) == (timedelta(hours=4), (0.25,))
    assert config.smtp_listener.port == 2525
    assert config.imap_accounts[0].host == "new.desk.example"
    assert [person.name for person in config.root.operators] == ["Bart", "Cate"]
    assert config.web.metrics_for_all is True


def test_a_variable_that_holds_a_named_secret_is_no_override(load):
    config = load(
        '[send]\ntls = "starttls"\nusername = "help"\npassword_env = "HELPDESK_SEND__PASSWORD"\n',
        HELPDESK_SEND__PASSWORD="hunter2",
    )

    assert config.send.password() == "hunter2"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "HELPDESK_SLA__CLOCK",
            "sun",
            'HELPDESK_SLA__CLOCK = "sun": not one of "calendar", "working_days", "working',
        ),
        (
            "HELPDESK_SLA__CLOK",
            "calendar",
            'HELPDESK_SLA__CLOK = "calendar": no such key; did you mean "clock"?',
        ),
        ("HELPDESK_SLAA__CLOCK", "calendar", "HELPDESK_SLAA__CLOCK: no such table; did you mean"),
        ("HELPDESK_DESK__PIC", '["a@desk.example"', "HELPDESK_DESK__PIC: not TOML"),
        ("HELPDESK_OPERATORS__5__NAME", "Bart", "HELPDESK_OPERATORS__5__NAME: there is no such place"),
        ("HELPDESK_SEND__PASSWORD", "hunter2", "HELPDESK_SEND__PASSWORD: a secret does not belong"),
    ],
)
def test_a_wrong_variable_is_named(load, name, value, line):
    message = refused(load, **{name: value})

    assert message.startswith(f"environment: {line}")
    assert "\n" not in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("24h", 86400), ("2d", 172800), ("1w", 604800), ("0.5s", 0.5)],
)
def test_lengths_of_time(load, text, seconds):
    assert load(f'[sla]\nfirst_response = "{text}"\n').root.sla.first_response == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "-1h", "1h30m", "1 hour", "1e3s", "24 H", "١h", "nan s", "1.h"])
def test_what_is_no_length_of_time(load, text):
    assert "not a length of time" in refused(load, f'[sla]\nfirst_response = "{text}"\n')


@pytest.mark.parametrize(
    ("text", "size"), [("25MB", 25_000_000), ("1.5kb", 1500), ("2 GB", 2 * 10**9), ("7B", 7)]
)
def test_sizes(load, text, size):
    assert load(f'[receive.smtp]\nmax_size = "{text}"\n').smtp_listener.max_size == size


@pytest.mark.parametrize(
    "address",
    ["a", "@x.example", "a@", "a b@x.example", "a@x..example", "a@-x.example", "Bart <a@x.example>",
     "a@b@x.example", '\\"a b\\"@x.example', f"{'a' * 65}@x.example"],
)  # fmt: skip
def test_what_is_no_address(load, address):
    text = f'[[operators]]\nname = "Bart"\naddress = "{address}"\n'

    assert "not an e-mail address" in refused(load, text)


def test_a_password_without_tls_is_fine_to_this_computer_for_reading(load):
    for host in ("localhost", "127.0.0.1", "::1"):
        text = (
            f'[[receive.imap]]\nhost = "{host}"\nusername = "help"\npassword_file = "secret"\ntls = "none"\n'
        )

        assert load(text).imap_accounts[0].tls == "none"


def test_all_findings_are_told_at_once(load):
    text = 'language = "xx"\n[sla]\nclock = "x"\nfirst_response = "y"\n[[operators]]\nname = "Bart"\n'

    assert len(refused(load, text).splitlines()) == 4


def test_the_path_is_shown_as_the_user_named_it(load, folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "c.toml").write_text("[desk]\n")

    with pytest.raises(ConfigError, match=r"^deep/c\.toml: \[desk\] address: missing"):
        Config.load(Path("deep/c.toml"), {})
