"""A web app on an imaginary desk, a browser's eye on its pages, and a spool that remembers every vote."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from html.parser import HTMLParser

import httpx

from helpdesk.model.mail import Arrival
from helpdesk.model.signing import Signer
from helpdesk.store.session import DatabaseUnreachable
from helpdesk.store.views import Figures
from helpdesk.web.app import WebParts, make_app
from helpdesk.web.health import Hearts
from helpdesk.web.metrics import Metrics
from helpdesk.web.settings import DeskFace, WebSettings
from helpdesk.web.surveys import SurveyTicket

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNER = Signer(b"s" * 32, "help@desk.example")
TOKEN = SIGNER.survey_token(7, NOW)
ANNE = "203.0.113.9"


class Ledger:
    """A spool that remembers every vote and fails when told."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.fail_on: list[Exception | None] = []

    async def accept(self, arrival: Arrival) -> int:
        problem = self.fail_on.pop(0) if self.fail_on else None
        if problem:
            raise problem
        self.arrivals.append(arrival)
        return len(self.arrivals)


class Shelf:
    """The tickets the page can find."""

    def __init__(self) -> None:
        self.tickets = {7: SurveyTicket("Sepatu saya belum sampai", "en")}
        self.broken = False

    def look_up(self, number: int) -> SurveyTicket | None:
        if self.broken:
            raise DatabaseUnreachable("var/helpdesk.db: locked")
        return self.tickets.get(number)


class NoFigures:
    def take(self) -> Figures:
        raise DatabaseUnreachable("var/helpdesk.db: locked")


class Desk:
    """A web app on an imaginary desk; `visit` asks it as somebody's browser would."""

    def __init__(self, language: str = "en") -> None:
        self.spool, self.shelf = Ledger(), Shelf()
        self.seconds = 1000.0
        self.now = NOW
        parts = WebParts(
            desk=DeskFace("iDuHelp!", "help@desk.example", language),
            signer=SIGNER,
            surveys=self.shelf,
            spool=self.spool,
            hearts=Hearts(lambda: self.seconds),
            metrics=Metrics(NoFigures()),
            clock=lambda: self.now,
            monotonic=lambda: self.seconds,
        )
        self.app = make_app(WebSettings(), parts)

    def visit(self, method: str, path: str, *, client: str = ANNE, **more: object) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(client, 5000))
            async with httpx.AsyncClient(transport=transport, base_url="https://desk.example") as browser:
                return await browser.request(method, path, **more)

        return asyncio.run(ask())

    def vote(self, token: str = TOKEN, **fields: str) -> httpx.Response:
        return self.visit("POST", f"/survey/{token}", data=fields)

    def show(self, query: str = "", token: str = TOKEN) -> Page:
        return Page(self.visit("GET", f"/survey/{token}{query}").text)

    @property
    def votes(self) -> list[dict[str, object]]:
        return [json.loads(arrival.raw) for arrival in self.spool.arrivals]


class Page(HTMLParser):
    """What a browser sees of a page: tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def chosen(self) -> list[str | None]:
        return [attrs["value"] for attrs in self.all("input") if "checked" in attrs]
