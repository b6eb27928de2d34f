"""Link scanners never vote (T22, R49), and who has no key learns nothing (T21)."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from web_helpers import NOW, SIGNER, TOKEN, Desk

from helpdesk.model.signing import Signer

SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)",
    "Barracuda Sentinel (EE)",
    "Mimecast URL Protection",
    "Proofpoint URL Defense",
    "Cisco-IronPort",
    "Symantec Click-time",
    "TrendMicro-WRS",
    "FireEye ETP",
    "Sophos Email Gateway",
    "GoogleImageProxy",
    "Google-Safety",
    "YahooMailProxy",
    "facebookexternalhit/1.1",
    "Slackbot-LinkExpanding 1.0",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23",
    "curl/8.5",
    "python-requests/2.31",
]


@pytest.mark.parametrize("agent", SCANNERS)
def test_no_link_scanner_ever_votes(agent: str) -> None:
    """T22, R49: every way of looking, every link of the page; the ledger stays empty."""
    desk = Desk()
    headers = {"User-Agent": agent}
    for method in ("GET", "HEAD", "OPTIONS"):
        for query in ("", *(f"?r={score}" for score in range(7)), "?score=5&comment=x"):
            desk.visit(method, f"/survey/{TOKEN}{query}", headers=headers)
    links = [link["href"] for tag in ("a", "link") for link in desk.show().all(tag)]
    for link in links:
        desk.visit("GET", f"/survey/{link}", headers=headers)

    assert desk.votes == []


def test_a_scanner_that_sends_the_form_as_it_is_does_not_vote() -> None:
    desk = Desk()

    assert desk.vote(comment="").status_code == 422
    assert desk.votes == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    desk = Desk()

    assert desk.visit(method, f"/survey/{TOKEN}", data={"score": "5"}).status_code == 405
    assert desk.votes == []


def test_head_answers_like_get_and_options_names_the_methods() -> None:
    desk = Desk()
    head = desk.visit("HEAD", f"/survey/{TOKEN}")
    options = desk.visit("OPTIONS", f"/survey/{TOKEN}")

    assert head.status_code == 200
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/survey/{TOKEN}"),
        ("POST", f"/survey/{TOKEN}"),
        ("GET", "/survey/wrong"),
        ("GET", "/nowhere"),
        ("PUT", f"/survey/{TOKEN}"),
        ("GET", "/metrics"),
        ("GET", "/static/survey.css"),
    ],
)
def test_every_answer_carries_the_safe_headers(method: str, path: str) -> None:
    answer = Desk().visit(method, path)

    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == ("max-age=3600" if path.endswith("css") else "no-store")


# -- strangers


def _wrong_tokens() -> dict[str, str]:
    other = Signer(b"o" * 32, "help@desk.example")
    flipped = TOKEN[:-1] + ("a" if TOKEN[-1] != "a" else "b")
    return {
        "garbage": "x",
        "flipped": flipped,
        "another ticket": TOKEN.replace("7-", "8-", 1),
        "another desk": other.survey_token(7, NOW),
        "expired": SIGNER.survey_token(7, NOW - timedelta(days=31)),
        "of a ticket that is gone": SIGNER.survey_token(99, NOW),
        "endless": "7-" + "z" * 5000,
    }


@pytest.mark.parametrize("token", _wrong_tokens().values(), ids=_wrong_tokens())
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_wrong_key_gets_the_same_answer(method: str, token: str) -> None:
    """T21."""
    expected = Desk().visit(method, "/survey/nonsense", data={"score": "5"})
    desk = Desk()
    answer = desk.visit(method, f"/survey/{token}", data={"score": "5"})

    assert (answer.status_code, answer.text) == (404, expected.text)
    assert answer.headers == expected.headers
    assert "#7" not in answer.text
    assert "Sepatu" not in answer.text
    assert "help@desk.example" in answer.text
    assert desk.votes == []


def test_a_key_works_on_its_last_day_and_not_after() -> None:
    desk = Desk()
    desk.now = NOW + timedelta(days=30)
    last_day = desk.visit("GET", f"/survey/{TOKEN}")
    desk.now += timedelta(days=1)

    assert last_day.status_code == 200
    assert desk.visit("GET", f"/survey/{TOKEN}").status_code == 404


def test_ten_wrong_keys_in_a_minute_and_the_visitor_waits() -> None:
    """T21."""
    desk = Desk()
    answers = [desk.visit("GET", f"/survey/{n}").status_code for n in range(12)]
    with_the_right_one = desk.visit("GET", f"/survey/{TOKEN}")
    somebody_else = desk.visit("GET", f"/survey/{TOKEN}", client="203.0.113.10")
    desk.seconds += 61

    assert answers == [404] * 10 + [429] * 2
    assert with_the_right_one.status_code == 429
    assert with_the_right_one.headers["retry-after"] == "60"
    assert somebody_else.status_code == 200
    assert desk.visit("GET", f"/survey/{TOKEN}").status_code == 200


def test_good_keys_never_count_against_a_visitor() -> None:
    """One office, many customers behind one address."""
    desk = Desk()
    answers = {desk.visit("GET", f"/survey/{TOKEN}").status_code for _ in range(30)}

    assert answers == {200}


def test_wrong_and_expired_keys_take_the_same_time() -> None:
    """T21: medians of 2,000 readings each differ by less than a millisecond."""
    tokens = _wrong_tokens()
    medians = [
        _median_seconds(lambda t=tokens[kind]: SIGNER.read_survey_token(t, NOW))
        for kind in ("flipped", "expired")
    ]

    assert abs(medians[0] - medians[1]) < 0.001


def test_wrong_and_expired_keys_take_the_same_time_on_the_page() -> None:
    """T21, through the whole page; each reading by a visitor of its own."""
    desk, tokens = Desk(), _wrong_tokens()
    samples: dict[str, list[float]] = {"flipped": [], "expired": []}

    async def measure() -> None:
        for n in range(300):
            for kind, times in samples.items():
                transport = httpx.ASGITransport(desk.app, client=(f"198.51.{n // 250}.{n % 250}", 1))
                async with httpx.AsyncClient(transport=transport, base_url="https://desk.example") as browser:
                    started = time.perf_counter()
                    answer = await browser.get(f"/survey/{tokens[kind]}")
                    times.append(time.perf_counter() - started)
                    assert answer.status_code == 404

    asyncio.run(measure())

    assert abs(statistics.median(samples["flipped"]) - statistics.median(samples["expired"])) < 0.001


def test_guessing_finds_nothing() -> None:
    """T21, a sample: 128 bits leave no luck."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    head = TOKEN[: TOKEN.rindex("-") + 1]
    guesses = (head + "".join(alphabet[(n * k) % 32] for k in range(1, 27)) for n in range(20_000))

    assert all(SIGNER.read_survey_token(guess, NOW) is None for guess in guesses)


def _median_seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(2000):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
