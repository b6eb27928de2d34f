"""/metrics and /healthz: the promised names, from the real store, for this computer alone (INTERFACE section 5)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection

from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.people import Address
from helpdesk.model.signing import Signer
from helpdesk.model.ticket import Clock, Deadline, DeadlineKind, Rating, Status
from helpdesk.store import deadlines, handled, inbox, outbox, tickets
from helpdesk.store.migrate import upgrade
from helpdesk.store.outbox import NewLetter
from helpdesk.store.session import Database
from helpdesk.web.app import WebParts, make_app
from helpdesk.web.health import Hearts
from helpdesk.web.metrics import Metrics, StoredFigures
from helpdesk.web.settings import DeskFace, WebSettings
from helpdesk.web.surveys import StoredSurveys, SurveyTicket

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROMISED = {
    "helpdesk_mails_received_total",
    "helpdesk_inbox_waiting",
    "helpdesk_inbox_parked",
    "helpdesk_tickets_created_total",
    "helpdesk_tickets_open",
    "helpdesk_letters_queued_total",
    "helpdesk_letters_sent_total",
    "helpdesk_letters_failed_total",
    "helpdesk_outbox_waiting",
    "helpdesk_deadlines_waiting",
    "helpdesk_deadlines_overdue",
    "helpdesk_alarm",
    *(
        f"helpdesk_{name}_seconds_{part}"
        for name in ("intake", "delivery")
        for part in ("bucket", "sum", "count")
    ),
}


class Nobody:
    async def accept(self, arrival: Arrival) -> int:
        raise AssertionError("nobody votes here")


class Desk:
    """The web part on a real store; `seconds` is its monotonic clock."""

    def __init__(self, folder: Path) -> None:
        self.desk = Database(f"sqlite:///{folder}/helpdesk.db")
        self.spool = Database(f"sqlite:///{folder}/spool.db")
        self.seconds = 0.0
        self.hearts = Hearts(lambda: self.seconds)
        self.surveys = StoredSurveys(self.desk)
        self.metrics = Metrics(StoredFigures(self.desk, self.spool, lambda: NOW))

    def ask(
        self, path: str, *, client: str = "127.0.0.1", for_all: bool = False, **headers: str
    ) -> httpx.Response:
        parts = WebParts(
            desk=DeskFace("iDuHelp!", "help@desk.example"),
            signer=Signer(b"s" * 32, "help@desk.example"),
            surveys=self.surveys,
            spool=Nobody(),
            hearts=self.hearts,
            metrics=self.metrics,
            clock=lambda: NOW,
        )
        app = make_app(WebSettings(metrics_for_all=for_all), parts)

        async def get() -> httpx.Response:
            transport = httpx.ASGITransport(app, client=(client, 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as browser:
                return await browser.get(path, headers=headers)

        return asyncio.run(get())

    def figures(self) -> dict[str, float]:
        """Every sample as `name` or `name{value of its label}`."""
        samples: dict[str, float] = {}
        for family in text_string_to_metric_families(self.ask("/metrics").text):
            for sample in family.samples:
                label = "".join(f"{{{value}}}" for value in sample.labels.values())
                samples[sample.name + label] = sample.value
        return samples


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    upgrade(desk.desk, "desk")
    upgrade(desk.spool, "spool")
    yield desk
    desk.desk.close()
    desk.spool.close()


def _ticket(connection: Connection, number: int, **changes: object) -> None:
    anne = Address("Anne", "anne@customer.example")
    tickets.create(connection, number, {"subject": "Shoes", "customer": anne, **changes}, NOW)


def _letter(connection: Connection, letter: str) -> int:
    to = ("anne@customer.example",)
    new = NewLetter(1, letter, "c", to, (), "Shoes", f"{letter}@desk.example", "", b"x", None)
    return outbox.queue(connection, new, NOW)


def test_exactly_the_promised_names_are_shown(desk: Desk) -> None:
    with desk.desk.write() as connection:
        _ticket(connection, 1)
        _letter(connection, "acknowledgement")
    names = {re.split(r"[ {]", line)[0] for line in desk.ask("/metrics").text.splitlines() if line[0] != "#"}

    assert names == PROMISED


def test_what_the_store_holds_is_counted(desk: Desk) -> None:
    with desk.spool.write() as connection:
        for road in (Road.SMTP, Road.SMTP, Road.IMAP):
            inbox.append(connection, [Arrival(b"Subject: Shoes\n\n", road, NOW)])
        inbox.append(connection, [Arrival(b"{}", Road.WEB, NOW, kind=Happening.VOTE)])
    with desk.desk.write() as connection, desk.spool.read() as spool:
        _ticket(connection, 1, status=Status.OPEN)
        _ticket(connection, 2, status=Status.CLOSED)
        handled.take(connection, spool, 1, NOW, "node 1")
        handled.finish(connection, 1, state="parked", outcome="parked", reason="cannot be read", now=NOW)
        for due_at in (NOW - MINUTE, NOW + MINUTE):
            deadline = Deadline(DeadlineKind.FIRST_RESPONSE, due_at, NOW, MINUTE, Clock.CALENDAR)
            deadlines.set(connection, 1, [deadline])
        _letter(connection, "acknowledgement")
        _letter(connection, "survey")
    figures = desk.figures()

    expected = {
        "helpdesk_mails_received_total{smtp}": 2,
        "helpdesk_mails_received_total{lmtp}": 0,
        "helpdesk_mails_received_total{imap}": 1,
        "helpdesk_inbox_waiting": 3,
        "helpdesk_inbox_parked": 1,
        "helpdesk_tickets_created_total": 2,
        "helpdesk_tickets_open{open}": 1,
        "helpdesk_tickets_open{new}": 0,
        "helpdesk_letters_queued_total{acknowledgement}": 1,
        "helpdesk_letters_queued_total{survey}": 1,
        "helpdesk_letters_sent_total": 0,
        "helpdesk_letters_failed_total": 0,
        "helpdesk_outbox_waiting": 2,
        "helpdesk_deadlines_waiting": 2,
        "helpdesk_deadlines_overdue": 1,
    }
    assert {name: figures[name] for name in expected} == expected


def test_durations_are_observed_in_the_process(desk: Desk) -> None:
    desk.metrics.observe_intake(0.02)
    desk.metrics.observe_intake(3)
    desk.metrics.observe_delivery(0.3)
    figures = desk.figures()

    assert figures["helpdesk_intake_seconds_count"] == 2
    assert figures["helpdesk_intake_seconds_sum"] == pytest.approx(3.02)
    assert figures["helpdesk_intake_seconds_bucket{0.025}"] == 1
    assert figures["helpdesk_delivery_seconds_count"] == 1


def test_no_address_and_no_subject_is_ever_shown(desk: Desk) -> None:
    with desk.desk.write() as connection:
        _ticket(connection, 1, subject="a very private matter")
        _letter(connection, "acknowledgement")
    text = desk.ask("/metrics").text

    assert "@" not in text
    assert "private" not in text


def test_two_desks_in_one_process_do_not_share_figures(tmp_path: Path) -> None:
    first, second = Desk(tmp_path), Desk(tmp_path)
    upgrade(first.desk, "desk")
    upgrade(first.spool, "spool")
    first.metrics.observe_intake(1)
    count = second.figures()["helpdesk_intake_seconds_count"]
    for desk in (first, second):
        desk.desk.close()
        desk.spool.close()

    assert count == 0


def test_a_store_that_does_not_answer_is_said_plainly(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "nowhere")
    answer = desk.ask("/metrics")

    assert answer.status_code == 503
    assert "nowhere" not in answer.text


def test_a_database_without_tables_is_said_plainly(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    answer = desk.ask("/metrics")
    desk.desk.close()
    desk.spool.close()

    assert answer.status_code == 503


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_strangers_see_neither_figures_nor_health(desk: Desk, path: str) -> None:
    assert desk.ask(path, client="203.0.113.9").status_code == 403
    assert desk.ask(path, client="127.0.0.1", via="1.1 proxy").status_code == 403
    assert desk.ask(path, client="::1").status_code == 200
    assert desk.ask(path, client="203.0.113.9", for_all=True).status_code == 200


def test_health_is_ok_while_every_part_beats_its_heart(desk: Desk) -> None:
    desk.hearts.expect("sender", MINUTE)
    answer = desk.ask("/healthz")

    assert (answer.status_code, answer.text.strip()) == (200, "ok")


def test_health_names_those_that_have_stopped(desk: Desk) -> None:
    for name in ("sender", "worker", "imap"):
        desk.hearts.expect(name, MINUTE)
    desk.seconds += 61
    desk.hearts.beat("imap")
    answer = desk.ask("/healthz")

    assert (answer.status_code, answer.text.split()) == (503, ["sender", "worker"])


def test_the_survey_page_reads_the_real_ticket(desk: Desk) -> None:
    with desk.desk.write() as connection:
        _ticket(connection, 1, language="id")
        _ticket(connection, 2)
        tickets.update(connection, 1, 1, {"rating": Rating(4, "cepat", NOW)}, NOW)

    assert desk.surveys.look_up(1) == SurveyTicket("Shoes", "id", 4, "cepat")
    assert desk.surveys.look_up(2) == SurveyTicket("Shoes", "", None, "")
    assert desk.surveys.look_up(3) is None
