"""The tools of the chaos tests do what their names say: crash points count, the rubber bends."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from helpdesk.daemon import crash
from helpdesk.testing.rubber import Rubber


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says everything back to one client after the other."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client, contextlib.suppress(ConnectionError):
                while data := client.recv(1000):
                    client.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.fixture
def rubber(echo: int) -> Iterator[Rubber]:
    between = Rubber(echo)
    between.start()
    yield between
    between.stop()


def heard(rubber: Rubber, said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", rubber.port), 10) as client:
        client.sendall(said)
        answer = b""
        while data := client.recv(1000):
            answer += data
        return answer


def test_a_point_is_passed_so_often_before_it_goes_off() -> None:
    deaths: list[int] = []
    mines = crash.Mines("before intake:2,after mark:1", lambda: deaths.append(1))

    mines("before intake")
    mines("after intake")
    assert deaths == []

    mines("before intake")
    mines("after result+mark")
    mines("before intake")
    assert deaths == [1, 1]


def test_without_the_variable_there_are_no_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(crash.VARIABLE, raising=False)

    assert crash.points() is None


def test_the_rubber_passes_the_beginning_of_what_a_client_says(rubber: Rubber) -> None:
    rubber.drop_after_sent = 3

    assert b"hel".startswith(heard(rubber, b"hello"))


def test_the_rubber_drops_after_so_many_bytes_of_the_server(rubber: Rubber) -> None:
    rubber.drop_after = 3

    assert heard(rubber, b"hello") == b"hel"


def test_the_rubber_trickles(rubber: Rubber) -> None:
    rubber.trickle_seconds = 0.01
    rubber.be("trickle")

    with socket.create_connection(("127.0.0.1", rubber.port), 10) as client:
        client.sendall(b"abc")

        assert [client.recv(1000) for _ in range(3)] == [b"a", b"b", b"c"]
