"""What works but is probably not meant is told, and a sensible desk hears nothing."""

import pytest

from helpdesk.config import Config

GOOD = {
    "desk": 'address = "help@desk.example"\nlist = "milis@lists.example"\npic = ["pic@desk.example"]\n',
    "receive.smtp": "",
    "web": "",
    "operators": 'name = "Bart"\naddress = "bart@staff.example"\n',
    "pic": 'name = "Dora"\naddress = "dora@staff.example"\n',
}


def warnings(folder, **changes) -> list[str]:
    tables = {**GOOD, **{name.replace("_smtp", ".smtp"): text for name, text in changes.items()}}
    lines = []
    for name, text in tables.items():
        if text is not None:
            lines.append(f"[[{name}]]\n{text}" if name in {"operators", "pic"} else f"[{name}]\n{text}")
    (folder / "config.toml").write_text("\n".join(lines))
    return Config.load(folder / "config.toml", {}).warnings()


def test_a_sensible_desk_hears_nothing(folder):
    assert warnings(folder) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"trust": 'require = "address"\n'}, '[trust] require = "address": whoever forges'),
        ({"trust": 'border = ["mx.desk.example"]\n'}, "[trust] border: nobody is believed"),
        ({"trust": "strips_forged = true\n"}, "[trust] strips_forged: nobody is believed"),
        ({"trust": 'authserv_ids = ["mx"]\nborder = ["*"]\n'}, '[trust] border = "*": what senders write'),
        ({"receive_smtp": 'proxies = ["0.0.0.0/0"]\n'}, "[receive.smtp] proxies: whoever connects"),
        (
            {
                "receive_smtp": 'proxies = ["10.0.0.5"]\n',
                "limits": 'own_servers = ["10.0.0.5", "10.0.0.8"]\n',
            },
            "[limits] own_servers: 10.0.0.5/32 is a proxy",
        ),
        ({"operators": None}, "[[operators]]: there are none"),
        ({"receive_smtp": None}, "[desk] list is set, but no mail can come in"),
        ({"pic": None}, '[closing] survey = "after_pic": nobody can approve'),
        ({"pic": GOOD["operators"]}, '[[pic]] address = "bart@staff.example": is an operator too'),
        ({"web": None}, "[web]: there is none"),
        ({"receive_smtp": 'max_size = "70MB"\n'}, "[limits] worker_memory: the desk worker needs 8 times"),
        ({"send": 'transport = "maildir"\n'}, '[send] transport = "maildir"'),
    ],
)
def test_each_doubtful_choice_is_named(folder, changes, line):
    found = warnings(folder, **changes)

    assert len(found) == 1
    assert found[0].startswith(f"config.toml: {line}")


@pytest.mark.parametrize("own", ["10.0.0.0/8", "::1"])
def test_a_balancer_within_the_own_network_is_no_contradiction(folder, own):
    """The other machines of that network are own servers all the same."""
    limits, smtp = f'own_servers = ["{own}"]\n', 'proxies = ["10.0.0.5", "127.0.0.1"]\n'

    assert warnings(folder, limits=limits, receive_smtp=smtp) == []
    assert warnings(folder, receive_smtp='proxies = ["127.0.0.0/8", "::1"]\n') == []


def test_claims_without_a_list_reach_nobody(folder):
    desk = 'address = "help@desk.example"\n'

    announced = [
        warnings(folder, desk=desk, assignment=f'mode = "claim"\nannounce = "{how}"\n')
        for how in ("list", "each")
    ]

    assert [len(found) for found in announced] == [1, 0]
    assert "nobody hears of a new ticket" in announced[0][0]


def test_a_breach_without_a_pic_is_told_to_nobody(folder):
    found = warnings(folder, desk='address = "help@desk.example"\n', pic=None, closing='survey = "at_once"\n')

    assert len(found) == 1
    assert "there is no PIC to tell" in found[0]
