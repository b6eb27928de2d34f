"""README, "Who is speaking": where a real Postfix's milters write, and what its header_checks take out (R51)."""

import re
import smtplib
import tempfile
from pathlib import Path

import pytest

from helpdesk.decide.authentication import judge
from helpdesk.flow.receive import recipient_rule
from helpdesk.model.policy import Trust
from helpdesk.parse.message import read
from helpdesk.testing.desk import policy
from helpdesk.testing.milter import milter
from helpdesk.testing.postfix import Postfix
from helpdesk.testing.smtp_client import hosted
from helpdesk.wire.smtp_settings import ListenerSettings

pytestmark = pytest.mark.postfix

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
MX = "mx.desk.example"
NONE = f"{MX}; dkim=none"
FORGED = f"{MX}; dmarc=pass header.from=staff.example"
STRICT = Trust(authserv_ids=(MX,), border=(MX,))
STRIPPED = Trust(authserv_ids=(MX,), border=(MX,), strips_forged=True)
LMTP = ListenerSettings(protocol="lmtp", hostname="desk.example")
FORGERY = (
    f"Authentication-Results: {FORGED}\r\nFrom: bart@staff.example\r\nTo: help@desk.example\r\n"
    "Subject: [#1]\r\n\r\n#close\r\n"
)
HONEST = "From: bart@staff.example\r\nTo: help@desk.example\r\nSubject: hello\r\n\r\nhello\r\n"


def through_postfix(folder, verdict, mail, at=1, checks=""):
    """The mail as the desk stores it, behind a Postfix whose milter writes `verdict`."""
    with (
        hosted(folder, recipient_rule(policy()), LMTP) as desk,
        milter("Authentication-Results", verdict, at) as filtering,
        Postfix(
            routes={"desk.example": f"lmtp:inet:127.0.0.1:{desk.port}"},
            extra=f"smtpd_milters = {filtering}\n{checks}",
        ) as postfix,
    ):
        with smtplib.SMTP("127.0.0.1", postfix.port) as client:
            client.sendmail("zoe@elsewhere.example", ["help@desk.example"], mail)
        postfix.wait_until_empty()
        return desk.mails()[0].arrival


def fields(arrival):
    """Trace and results, topmost first."""
    head = arrival.raw.partition(b"\r\n\r\n")[0].decode()
    names = re.findall(r"^(Received|Authentication-Results): ?([^\r\n]*)", head, re.M)
    return [value if name.startswith("Auth") else name for name, value in names]


def vouched(arrival, trust):
    return judge(read(arrival.raw), arrival, policy(trust=trust)).vouched


@pytest.fixture
def checks():
    """The page's line for Postfix, in a folder that its user may read."""
    line = re.search(r"with the line `(/[^`]+)`", README)[1]
    assert "`header_checks = regexp:/etc/postfix/header_checks`" in README
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "header_checks").write_text(line + "\n")
        yield f"header_checks = regexp:{folder}/header_checks"


def test_milters_write_below_postfixs_own_received_directly_above_the_strangers(tmp_path):
    """Position 1, which OpenDKIM asks for: no position tells the two apart."""
    forged = through_postfix(tmp_path, NONE, FORGERY)

    assert fields(forged) == ["Received", "Received", NONE, FORGED]
    assert vouched(forged, STRIPPED)  # of a border that does not do what the configuration says
    assert not vouched(forged, STRICT)


def test_header_checks_take_out_the_strangers_field_and_leave_the_milters(tmp_path, checks):
    forged = through_postfix(tmp_path, NONE, FORGERY, checks=checks)

    assert fields(forged) == ["Received", "Received", NONE]
    assert not vouched(forged, STRIPPED)


def test_with_header_checks_the_milters_word_counts(tmp_path, checks):
    honest = through_postfix(tmp_path, FORGED, HONEST, checks=checks)

    assert fields(honest) == ["Received", "Received", FORGED]
    assert vouched(honest, STRIPPED)
    assert not vouched(honest, STRICT)


def test_a_milter_that_writes_on_top_needs_no_promise(tmp_path):
    """Position 0: above Postfix's own Received, where no stranger writes."""
    honest = through_postfix(tmp_path, FORGED, HONEST, at=0)

    assert fields(honest) == ["Received", FORGED, "Received"]
    assert vouched(honest, STRICT)
