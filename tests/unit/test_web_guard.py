"""Counting, closed doors and forms that end (T19, T21)."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from helpdesk.web.guard import MAX_BODY, BodyTooBig, Tally, home_of, is_local, read_form


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def request_from(client: str | None, *, body: list[bytes] | None = None, **headers: str) -> Request:
    chunks = iter([*(body or []), b""])

    async def receive() -> dict[str, object]:
        chunk = next(chunks)
        return {"type": "http.request", "body": chunk, "more_body": chunk != b""}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": raw,
        "query_string": b"",
        "client": None if client is None else (client, 1),
    }
    return Request(scope, receive)


def test_the_tenth_time_within_a_minute_fills_a_tally() -> None:
    seconds = Seconds()
    tally = Tally(10, seconds)
    full = []
    for _ in range(10):
        full.append(tally.full("203.0.113.9"))
        tally.add("203.0.113.9")

    assert full == [False] * 10
    assert tally.full("203.0.113.9")
    assert not tally.full("203.0.113.10")


def test_a_full_tally_opens_again_after_a_minute() -> None:
    seconds = Seconds()
    tally = Tally(2, seconds)
    tally.add("203.0.113.9")
    seconds.now += 30
    tally.add("203.0.113.9")
    seconds.now += 30

    assert not tally.full("203.0.113.9")


def test_a_million_visitors_do_not_fill_the_memory() -> None:
    tally = Tally(10, Seconds())
    for number in range(30_000):
        tally.add(str(number))

    assert len(tally._times) == 10_000


def test_one_ipv6_household_is_one_visitor() -> None:
    assert home_of("2001:db8:1:2::1") == home_of("2001:db8:1:2:ffff::9")
    assert home_of("2001:db8:1:2::1") != home_of("2001:db8:1:3::1")
    assert home_of("203.0.113.9") == "203.0.113.9"
    assert home_of("") == ""


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_a_program_on_this_computer_is_local(client: str) -> None:
    assert is_local(request_from(client))


@pytest.mark.parametrize("client", ["203.0.113.9", "10.0.0.1", "::ffff:203.0.113.9", "", "localhost", None])
def test_everybody_else_is_not_local(client: str | None) -> None:
    assert not is_local(request_from(client))


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "via"])
def test_who_comes_through_a_proxy_on_this_computer_is_not_local(header: str) -> None:
    assert not is_local(request_from("127.0.0.1", **{header: "127.0.0.1"}))


def test_a_form_is_read_in_any_pieces() -> None:
    whole = b"score=4&comment=Terima+kasih%21+%E2%9C%93&score=1"
    pieces = [whole[i : i + 1] for i in range(len(whole))]

    assert asyncio.run(read_form(request_from("::1", body=pieces))) == {
        "score": "4",
        "comment": "Terima kasih! ✓",
    }


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b"&&&", b"a=1;" * 100, b"a=1&" * 100, b"%", b""])
def test_no_form_makes_the_reader_fail(body: bytes) -> None:
    assert "score" not in asyncio.run(read_form(request_from("::1", body=[body])))


def test_an_endless_form_is_cut() -> None:
    served = 0

    async def endless() -> dict[str, object]:
        nonlocal served
        served += 1024
        return {"type": "http.request", "body": b"a" * 1024, "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": []}, endless)
    with pytest.raises(BodyTooBig):
        asyncio.run(read_form(request))

    assert served <= MAX_BODY + 1024
