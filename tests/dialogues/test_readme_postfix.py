"""README, "Behind Postfix": the lines for main.cf do what the page says, with a real Postfix."""

import re
import smtplib
import subprocess
import tempfile
from pathlib import Path

import pytest

from helpdesk.flow.receive import recipient_rule
from helpdesk.testing import needs
from helpdesk.testing.desk import policy
from helpdesk.testing.postfix import Postfix
from helpdesk.testing.smtp_client import hosted
from helpdesk.wire.smtp_settings import ListenerSettings

pytestmark = pytest.mark.postfix

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CHAPTER = README[README.index("## Behind Postfix") : README.index("## Beside a mailing list")]
ANNE, HELP, TOKEN = "anne@customer.example", "help@desk.example", "help+1-c--x-y@desk.example"
LMTP = ListenerSettings(protocol="lmtp", hostname="desk.example")
PAGE_PORT = "8025"


def maps_of_the_page(folder: Path, port: int) -> str:
    """The page's lines, with its map files written into `folder` and compiled."""
    # of its own: a Postfix that was only just installed has no main.cf, and postmap wants one
    (folder / "main.cf").write_text("compatibility_level = 3.6\n")
    postmap = [needs.program("postmap"), "-c", str(folder)]
    lines = re.search(r"^```text main.cf\n(.*?)^```$", CHAPTER, re.M | re.S)[1]
    for name, content in re.findall(r"`/etc/postfix/(\w+)` holds `([^`]+)`", CHAPTER):
        (folder / name).write_text(content.replace(PAGE_PORT, str(port)) + "\n")
        subprocess.run([*postmap, str(folder / name)], check=True)
    folder.chmod(0o755)
    return lines.replace("/etc/postfix", str(folder))


def send(postfix: Postfix, *recipients: str) -> dict[str, tuple[int, bytes]]:
    """Send one mail; return what was refused."""
    with smtplib.SMTP("127.0.0.1", postfix.port) as client:
        return client.sendmail(ANNE, recipients, f"From: {ANNE}\r\nSubject: hello\r\n\r\nhello\r\n".encode())


def test_the_whole_domain_is_the_desks(tmp_path):
    with (
        tempfile.TemporaryDirectory() as maps,  # pytest's own folder is closed to Postfix's user
        hosted(tmp_path, recipient_rule(policy()), LMTP) as desk,
        Postfix(mailboxes=[ANNE], extra=maps_of_the_page(Path(maps), desk.port)) as postfix,
    ):
        refused = send(postfix, HELP, TOKEN, "sales@desk.example")
        postfix.wait_until_empty()
        taken = {recipient for mail in desk.mails() for recipient in mail.arrival.recipients}

    assert list(refused) == ["sales@desk.example"]
    assert taken == {HELP, TOKEN}


def test_one_address_of_a_domain_with_other_mailboxes_is_the_desks(tmp_path):
    address, _, nexthop = re.search(r"`(help@desk.example lmtp:[^`]+)`", CHAPTER)[1].partition(" ")

    with hosted(tmp_path, recipient_rule(policy()), LMTP) as desk:
        routes = {address: nexthop.replace(PAGE_PORT, str(desk.port))}
        extra = "recipient_delimiter = +"
        with Postfix(mailboxes=[ANNE, HELP, "sales@desk.example"], routes=routes, extra=extra) as postfix:
            refused = send(postfix, HELP, TOKEN, "sales@desk.example")
            (to_sales,) = postfix.wait_for_mails("sales@desk.example", 1)
            postfix.wait_until_empty()
            taken = {recipient for mail in desk.mails() for recipient in mail.arrival.recipients}

    assert refused == {}
    assert b"hello" in to_sales
    assert taken == {HELP, TOKEN}
