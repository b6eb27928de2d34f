# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "django-helpdesk==2.6.1",
#   "django==5.2.19",
#   "beautifulsoup4==4.15.0",
#   "django-cleanup==9.0.0",
#   "django-model-utils==5.0.0",
#   "djangorestframework==3.18.3",
#   "email-reply-parser==0.5.12",
#   "markdown==3.11.3",
#   "nh3==0.3.8",
# ]
# ///
"""django-helpdesk over a folder of mails, in one process; beside_peers.py starts this in django-helpdesk's environment.

    python django_helpdesk_queue.py MAILS WORK WARM_UP

One queue on SQLite with Django's own settings for it, the e-mail templates that django-helpdesk ships. Each mail goes
through `extract_email_metadata`, as the command `get_email` gives it one from a local folder; the command itself reads
the folder in no order, so that answers would come before what they answer. Letters are rendered and written to files
(Django's file backend), not sent.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

_APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.humanize",
    "rest_framework",
    "django_cleanup.apps.CleanupConfig",
    "helpdesk",
)
_SLUG = "desk"


def set_up(work: Path) -> None:
    """An empty database and the settings that the installation guide asks for."""
    settings.configure(
        SECRET_KEY="of-the-benchmark",
        INSTALLED_APPS=_APPS,
        SITE_ID=1,
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(work / "desk.db")}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
        EMAIL_FILE_PATH=str(work / "letters"),
        MEDIA_ROOT=str(work / "media"),
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DEFAULT_FROM_EMAIL="help@desk.example",
        HELPDESK_TEAMS_MODE_ENABLED=False,  # else it wants pinax_teams, an extra
    )
    django.setup()
    # the letters hold links; what this imports needs the settings
    settings.ROOT_URLCONF = (path("desk/", include("helpdesk.urls", namespace="helpdesk")),)
    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)


def count(work: Path) -> dict[str, int]:
    from helpdesk.models import FollowUp, Ticket

    # Django gives two letters of one second the same file now and then
    letters = sum(
        file.read_bytes().count(b"\nX-Auto-Response-Suppress: ") for file in (work / "letters").glob("*")
    )
    return {"tickets": Ticket.objects.count(), "entries": FollowUp.objects.count(), "letters": letters}


def main(mails: Path, work: Path, warm_up: int) -> None:
    set_up(work)
    # Django must be set up before its models are imported
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import Queue

    queue = Queue.objects.create(
        title="Help", slug=_SLUG, email_address="help@desk.example", allow_email_submission=True
    )
    logger = logging.getLogger("bench")
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.ERROR)

    def take(file: Path) -> None:
        if (
            extract_email_metadata(message=file.read_text("utf-8", "replace"), queue=queue, logger=logger)
            is None
        ):
            raise SystemExit(f"django-helpdesk made nothing of {file.name}")

    files = sorted(mails.iterdir())
    for file in files[:warm_up]:
        take(file)
    before, began = count(work), time.perf_counter()
    cpu = time.process_time()
    for file in files[warm_up:]:
        take(file)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    made = {name: after - before[name] for name, after in count(work).items()}
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, **made}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
