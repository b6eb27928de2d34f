"""The real web server on a loopback port, with the real spool and, for the page, a real Chromium."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk.flow.receive import Receiver
from helpdesk.model.mail import Happening, Road, SpooledArrival
from helpdesk.model.people import Address
from helpdesk.model.signing import Signer
from helpdesk.store import inbox, tickets
from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.testing import needs
from helpdesk.web.app import WebParts, make_app
from helpdesk.web.health import Hearts
from helpdesk.web.metrics import Metrics, StoredFigures
from helpdesk.web.server import CannotListen, WebServer
from helpdesk.web.settings import DeskFace, WebSettings
from helpdesk.web.surveys import StoredSurveys

SIGNER = Signer(b"s" * 32, "help@desk.example")
SOON = 10.0
PHONE = "390,844"
QUIET_CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
    ),
    *("--no-pings", "--dump-dom", f"--window-size={PHONE}"),
)


class Desk:
    """A desk's databases, receiver and web app; `asked` are the requests that came."""

    def __init__(self, folder: Path) -> None:
        self.desk = Database(f"sqlite:///{folder}/helpdesk.db")
        self.spool = Database(f"sqlite:///{folder}/spool.db")
        upgrade(self.desk, "desk")
        upgrade(self.spool, "spool")
        anne = Address("Anne", "anne@customer.example")
        with self.desk.write() as connection:
            changes = {"subject": "Sepatu saya belum sampai", "customer": anne, "language": "id"}
            tickets.create(connection, 1, changes, datetime.now(UTC))
        self.receiver = Receiver(self.spool, stored=lambda *_: None)
        self.receiver.start()
        self.asked: list[str] = []
        self.token = SIGNER.survey_token(1, datetime.now(UTC))

    def app(self, **settings: object) -> ASGIApp:
        clock = lambda: datetime.now(UTC)  # noqa: E731
        parts = WebParts(
            desk=DeskFace("iDuHelp!", "help@desk.example"),
            signer=SIGNER,
            surveys=StoredSurveys(self.desk),
            spool=self.receiver,
            hearts=Hearts(lambda: 0.0),
            metrics=Metrics(StoredFigures(self.desk, self.spool, clock)),
            clock=clock,
        )
        app = make_app(WebSettings(**settings), parts)

        async def remember(scope: Scope, receive: Receive, send: Send) -> None:
            self.asked.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        return remember

    def votes(self) -> list[SpooledArrival]:
        with self.spool.read() as connection:
            return inbox.fetch(connection, inbox.ids_after(connection, 0, 100))

    def close(self) -> None:
        self.receiver.stop()
        self.desk.close()
        self.spool.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def serving(app: ASGIApp, visit: Callable[[WebServer, str], Awaitable[None]], **settings: object) -> None:
    """Run the server on a free port and let `visit` talk to it."""

    async def main() -> None:
        server = WebServer(WebSettings(port=0, **settings), app)
        await server.start()
        try:
            await visit(server, f"http://127.0.0.1:{server.port}")
        finally:
            await server.stop()

    asyncio.run(main())


def test_a_vote_is_in_the_spool_when_the_customer_reads_thanks(desk: Desk) -> None:
    async def visit(_: WebServer, url: str) -> None:
        async with httpx.AsyncClient() as browser:
            page = await browser.get(f"{url}/survey/{desk.token}")
            form = {"score": "5", "comment": "Cepat dan ramah. Terima kasih ☺"}
            thanks = await browser.post(f"{url}/survey/{desk.token}", data=form)

            assert "Bagaimana bantuan kami?" in page.text
            assert "Terima kasih!" in thanks.text
            vote = desk.votes()[0].arrival
            assert json.loads(vote.raw) == {"number": 1, **form, "score": 5}
            assert (vote.road, vote.kind, vote.peer) == (Road.WEB, Happening.VOTE, "127.0.0.1")

    serving(desk.app(), visit)


def test_a_spool_that_is_closed_loses_no_vote_silently(desk: Desk) -> None:
    desk.receiver.stop()

    async def visit(_: WebServer, url: str) -> None:
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(
                f"{url}/survey/{desk.token}", data={"score": "5", "comment": "jangan hilang"}
            )

            assert answer.status_code == 503
            assert "jangan hilang" in answer.text

    serving(desk.app(), visit)


def test_the_customer_behind_a_proxy_on_this_computer_is_known(desk: Desk) -> None:
    """A trusted proxy names the customer, and what comes through it is not local."""

    async def visit(_: WebServer, url: str) -> None:
        headers = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}
        async with httpx.AsyncClient(headers=headers) as browser:
            await browser.post(f"{url}/survey/{desk.token}", data={"score": "5"})
            metrics = await browser.get(f"{url}/metrics")

            assert desk.votes()[0].arrival.peer == "203.0.113.9"
            assert metrics.status_code == 403

    serving(desk.app(), visit)


def test_a_port_that_is_taken_is_named_with_the_remedy(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer(WebSettings(port=port), desk.app())

        with pytest.raises(CannotListen, match=rf"port = {port}.*in use.*choose another port"):
            asyncio.run(server.start())


def test_the_server_leaves_signals_and_logging_to_the_daemon(desk: Desk) -> None:
    before = signal.getsignal(signal.SIGTERM)
    root = list(logging.getLogger().handlers)

    async def visit(_: WebServer, url: str) -> None:
        assert signal.getsignal(signal.SIGTERM) == before

    serving(desk.app(), visit)

    assert logging.getLogger().handlers == root
    assert logging.getLogger("uvicorn").handlers == []
    assert logging.getLogger("uvicorn.access").handlers == []


def test_the_token_is_never_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """T24."""
    caplog.set_level(logging.DEBUG)

    async def visit(_: WebServer, url: str) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        async with httpx.AsyncClient() as browser:
            await browser.post(f"{url}/survey/{desk.token}", data={"score": "5", "comment": "c0mment"})

    serving(desk.app(), visit)

    assert desk.token not in caplog.text
    assert "c0mment" not in caplog.text


def test_an_answer_in_flight_is_finished_before_the_stop() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    async def visit(server: WebServer, url: str) -> None:
        async with httpx.AsyncClient(timeout=SOON) as browser:
            answer = asyncio.create_task(browser.get(url))
            await arrived.wait()
            stopping = asyncio.create_task(server.stop())
            go_on.set()

            assert (await answer).text == "done"
            await stopping
            with pytest.raises(httpx.ConnectError):
                await browser.get(url)

    serving(slow, visit)


def test_the_app_can_be_exchanged_while_it_runs(desk: Desk) -> None:
    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def visit(server: WebServer, url: str) -> None:
        async with httpx.AsyncClient() as browser:
            before = await browser.get(f"{url}/healthz")
            server.app = other
            after = await browser.get(f"{url}/healthz")

            assert (before.status_code, after.status_code) == (200, 204)

    serving(desk.app(), visit)


@pytest.mark.parametrize(
    "said", [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nX: " + b"a" * 90_000]
)
def test_nonsense_on_the_wire_gets_a_400_or_nothing(desk: Desk, said: bytes) -> None:
    async def visit(_: WebServer, url: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        writer.write(said)
        writer.write_eof()
        try:
            heard = await asyncio.wait_for(reader.read(), SOON)
        except ConnectionError:
            heard = b""
        writer.close()

        assert heard == b"" or heard.startswith(b"HTTP/1.1 400")
        assert b"Traceback" not in heard
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(f"{url}/healthz")).text == "ok\n"

    serving(desk.app(), visit)


def test_a_connection_that_says_nothing_is_ended(desk: Desk) -> None:
    """T19."""

    async def visit(server: WebServer, _: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: desk.exam")
        heard = await asyncio.wait_for(reader.read(), SOON)
        writer.close()

        assert heard == b""

    serving(desk.app(), visit, connection_life=0.1)


def test_a_server_that_listens_on_ipv6_answers(desk: Desk) -> None:
    async def main() -> None:
        server = WebServer(WebSettings(host="::1", port=0), desk.app())
        try:
            await server.start()
        except CannotListen:
            needs.lacking("needs IPv6 on the loopback interface")
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(f"http://[::1]:{server.port}/healthz")).text == "ok\n"
        await server.stop()
        await server.stop()

    asyncio.run(main())


# -- Chromium


async def nowhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy that stands for the rest of the world: nothing leaves this computer, Chromium's own calls included."""
    await reader.readline()
    writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


async def look(url: str, folder: Path) -> tuple[str, set[str]]:
    """Open `url` in Chromium on a phone-size window; return its DOM and every address the page asked for."""
    net_log = folder / "net.json"
    async with await asyncio.start_server(nowhere, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        where = (f"--proxy-server=http://127.0.0.1:{port}", f"--user-data-dir={folder / 'profile'}")
        browser = await asyncio.create_subprocess_exec(
            *(needs.program("chromium"), *QUIET_CHROMIUM, *where, f"--log-net-log={net_log}", url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            out, _ = await asyncio.wait_for(browser.communicate(), 90)
        finally:
            if browser.returncode is None:
                browser.kill()
                await browser.wait()
    return out.decode(), asked_by_page(json.loads(net_log.read_text()), url)


def asked_by_page(net_log: dict[str, list[dict[str, dict[str, str]]]], url: str) -> set[str]:
    """Requests that the page began; what Chromium asks for itself has no page as its initiator."""
    origin = "/".join(url.split("/")[:3])
    requests = [event.get("params", {}) for event in net_log["events"]]
    return {request["url"] for request in requests if request.get("initiator") == origin and "url" in request}


@pytest.mark.chromium
def test_chromium_shows_the_form_and_asks_nobody_else(desk: Desk, tmp_path: Path) -> None:
    async def visit(_: WebServer, url: str) -> None:
        page, asked_for = await look(f"{url}/survey/{desk.token}?r=4", tmp_path)

        assert "Bagaimana bantuan kami?" in page
        assert page.count('type="radio"') == 5
        assert page.count("<button") == page.count("<textarea") == 1
        assert asked_for == {f"{url}/static/survey.css"}
        assert sorted(set(desk.asked)) == ["GET /static/survey.css", f"GET /survey/{desk.token}"]
        assert desk.votes() == []

    serving(desk.app(), visit)


@pytest.mark.chromium
def test_the_watch_over_chromium_is_not_blind(tmp_path: Path) -> None:
    """The test above would see a page that loads something from elsewhere."""

    async def leaky(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<img src='http://tracker.example/pixel.png'>"})

    async def visit(_: WebServer, url: str) -> None:
        _, asked_for = await look(f"{url}/", tmp_path)

        assert "http://tracker.example/pixel.png" in asked_for

    serving(leaky, visit)
