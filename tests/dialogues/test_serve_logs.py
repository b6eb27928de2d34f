"""T24: the log tells what happens, one event a line, and never what people wrote or what opens doors."""

import json
import os
import re

from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG, Daemon

SECRETS = {
    "body": "bodymarkerq7",
    "subject": "subjectmarkerq7",
    "smtp": "smtppasswordq7",
    "imap": "imappasswordq7",
}
TOKEN = re.compile(r"(?<![a-z0-9])[a-z2-7]{16}@desk\.example")  # not the end of an id's longer random part
CLOSED_PORT = 1

TROUBLED = CONFIG.replace(
    'transport = "maildir"',
    f"""host = "127.0.0.1"
port = {CLOSED_PORT}
tls = "starttls"
username = "desk"
password_file = "smtp-password"

[[receive.imap]]
host = "127.0.0.1"
port = {CLOSED_PORT}
tls = "starttls"
username = "help"
password_env = "IMAP_PASSWORD"
""",
)


def test_no_words_and_no_secrets_are_logged_whatever_goes_wrong(tmp_path):
    """Mail comes in, all sending and polling fails, the worker stumbles, debug is on: 0 planted words in the log."""
    password = tmp_path / "smtp-password"
    password.write_text(SECRETS["smtp"])
    password.chmod(0o600)
    environ = {"IMAP_PASSWORD": SECRETS["imap"], "HELPDESK_LOG_LEVEL": "debug"}
    subject = f'{SECRETS["subject"]} {{"level": "forged"}}'
    with Daemon(tmp_path, config=TROUBLED, environ=environ) as daemon:
        daemon.post(mail("anne@customer.example", subject, f"Where is it? {SECRETS['body']}\n"))
        daemon.until(lambda: daemon.log("letter_later"), "a letter that could not be sent")
        os.kill(daemon.worker_pid, 9)
        daemon.until(lambda: len(daemon.log("worker_started")) > 1, "another worker")
        daemon.post(
            mail("emil@customer.example", "=?utf-8?q?x=0A=7B=22action=22:_=22forged=22=7D?=", SECRETS["body"])
        )
        daemon.until(lambda: len(daemon.log("created")) > 1, "the second ticket")
        assert daemon.stop() == 0
        text = daemon.log_text()

    assert {name for name, secret in SECRETS.items() if secret in text} == set()
    assert not TOKEN.search(text)
    lines = [line for line in text.splitlines() if line != "ready"]
    assert [line for line in lines if "action" not in json.loads(line)] == []
    assert "forged" not in {json.loads(line)["action"] for line in lines}
    assert {"received", "created", "assigned", "letter_later", "worker_died", "stopping", "stopped"} <= {
        json.loads(line)["action"] for line in lines
    }
