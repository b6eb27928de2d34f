"""SmtpTransport against the unreliable post office: MAIL_RULES F11, R67-R76, T9, P3-P5 and the table of 5.3."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import trustme

from helpdesk.deliver import places
from helpdesk.deliver.connection import ConnectError
from helpdesk.deliver.smtp_client import SmtpSettings, SmtpTransport, Timeouts, Tls
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater
from helpdesk.testing.moods import ANNE, BART, BUSY, CATALOGUE, Expected
from helpdesk.testing.needs import free_port
from helpdesk.testing.post_office import How, Mood, PostOffice, Step

RAW = (
    b"From: help@desk.example\r\nSubject: hello\r\nMessage-ID: <1@desk.example>\r\n\r\n" + b"line\r\n" * 2000
)
QUICK = Timeouts(connect=2, banner=2, command=0.5, data=0.5, block=0.5, dot=0.5, before_dot=5, quit=0.5)


def letter(*recipients: str, raw: bytes = RAW, sender: str = "help@desk.example") -> QueuedLetter:
    return QueuedLetter(1, sender, recipients or (ANNE,), raw, "1@desk.example", "answer")


def transport_to(office: PostOffice, **changes: object) -> SmtpTransport:
    settings = SmtpSettings("127.0.0.1", office.port, local_hostname="desk.example", timeouts=QUICK)
    return SmtpTransport(replace(settings, **changes))  # type: ignore[arg-type]


class Dots:
    """Counts the marks that the transport asks for."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


async def one_attempt(
    office: PostOffice,
    what: QueuedLetter,
    before_dot: Callable[[], Awaitable[None]] | None = None,
    **changes: object,
) -> dict[str, Outcome]:
    transport = transport_to(office, **changes)
    try:
        return dict(await transport.deliver(what, before_dot or Dots()))
    finally:
        await transport.close()


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_every_mood_of_the_upstream_gives_each_recipient_its_right_end(row: Expected) -> None:
    """5.3, R69, R70: never a refusal for what may pass, never a success for what was not taken."""
    dots = Dots()

    async def attempt() -> tuple[dict[str, Outcome], list[tuple[str, str]]]:
        async with PostOffice([row.mood]) as office:
            return await one_attempt(office, letter(ANNE, BART), dots), office.copies

    ends, copies = asyncio.run(attempt())

    assert (type(ends[ANNE]), type(ends[BART])) == (row.anne, row.bart)
    assert any(getattr(end, "host_down", False) for end in ends.values()) == row.host_down
    assert (dots.count, len(copies)) == (row.dots, row.copies)


def test_the_catalogue_knows_every_step_and_every_way_to_break() -> None:
    """50: the catalogue is unique and complete."""
    names = [row.name for row in CATALOGUE]
    broken = {row.mood.breaks for row in CATALOGUE}

    assert len(set(names)) == len(names)
    assert broken >= set(Step) - {Step.AUTH, Step.BODY}  # those two have tests of their own


@pytest.mark.parametrize("how", [How.CLOSE, How.RESET, How.STALL])
def test_a_break_in_the_body_hands_nothing_over_and_says_so(how: How) -> None:
    """F11: not the same as a break after the dot."""
    dots = Dots()
    big = RAW + b"x" * 70 * 1024 * 1024 * (how is How.STALL)

    async def attempt() -> tuple[dict[str, Outcome], list[tuple[str, str]]]:
        async with PostOffice([Mood(breaks=Step.BODY, how=how)], extensions=()) as office:
            return await one_attempt(office, letter(raw=big + b"\r\n"), dots), office.copies

    ends, copies = asyncio.run(attempt())

    assert isinstance(ends[ANNE], TryLater)
    assert copies == []
    if dots.count == 0:  # a short body fits into the kernel before the break is seen
        assert "before the final dot" in ends[ANNE].reason
    assert how is not How.STALL or dots.count == 0


@pytest.mark.parametrize("how", list(How))
def test_a_lost_reply_to_the_dot_is_named_as_such(how: How) -> None:
    """F11, P4: the only ambiguous state."""

    async def attempt() -> dict[str, Outcome]:
        async with PostOffice([Mood(breaks=Step.DOT, how=how)]) as office:
            return await one_attempt(office, letter())

    (end,) = asyncio.run(attempt()).values()

    assert isinstance(end, TryLater)
    assert end.reason.startswith("the reply to the final dot was lost")


def test_the_mark_is_asked_for_when_the_body_is_out_and_the_dot_is_not() -> None:
    """P4: at that instant the server has not taken the letter."""
    seen: list[int] = []

    async def attempt() -> list[tuple[str, str]]:
        async with PostOffice() as office:

            async def before_dot() -> None:
                seen.append(len(office.letters))

            await one_attempt(office, letter(), before_dot)
            return office.copies

    copies = asyncio.run(attempt())

    assert seen == [0]
    assert copies == [(ANNE, "<1@desk.example>")]


def test_a_letter_whose_mark_cannot_be_stored_is_not_sent() -> None:
    """P4: without the mark no dot."""

    async def before_dot() -> None:
        raise RuntimeError("spool is full")

    async def attempt() -> list[tuple[str, str]]:
        async with PostOffice() as office:
            with pytest.raises(RuntimeError, match="spool is full"):
                await one_attempt(office, letter(), before_dot)
            return office.copies

    assert asyncio.run(attempt()) == []


def test_the_bytes_arrive_as_they_are_and_dots_are_doubled_on_the_way() -> None:
    """P3, T9."""
    raw = b"Subject: dots\r\nMessage-ID: <1@desk.example>\r\n\r\n.\r\n..\r\n.hidden\r\nend.\r\n"

    async def attempt() -> bytes:
        async with PostOffice() as office:
            await one_attempt(office, letter(raw=raw))
            return office.letters[0].raw

    assert asyncio.run(attempt()) == raw


SMUGGLE = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r.\r",
    b"\n.\r",
    b"\r\n.\r\n",
    b"\n\r.\r\n",
]


@pytest.mark.parametrize("end", SMUGGLE, ids=repr)
def test_no_body_can_end_the_letter_early(end: bytes) -> None:
    """T9: SMTP smuggling outbound; a strict server sees one letter."""
    raw = (
        b"Subject: x\r\n\r\nbegin"
        + end
        + b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<anne@customer.example>\r\nDATA"
    )

    async def attempt() -> tuple[int, bytes, int]:
        async with PostOffice() as office:
            await one_attempt(office, letter(raw=raw))
            mails = sum(text.startswith("MAIL") for _, text in office.heard)
            return len(office.letters), office.letters[0].raw, mails

    letters, arrived, mails = asyncio.run(attempt())

    assert (letters, mails) == (1, 1)
    assert b"evil@x.example" in arrived
    assert arrived.replace(b"\r\n", b"").count(b"\r") == arrived.replace(b"\r\n", b"").count(b"\n") == 0


@pytest.mark.parametrize(
    "address",
    [
        "anne@customer.example> SIZE=1",
        "anne@customer.example\r\nRSET",
        "an ne@customer.example",
        "anne",
        "@x",
        "",
        "a\x00@x.example",
    ],
)
def test_an_address_that_is_none_is_refused_and_the_others_are_served(address: str) -> None:
    """T8: nothing of it reaches a command."""

    async def attempt() -> tuple[dict[str, Outcome], list[str]]:
        async with PostOffice() as office:
            return await one_attempt(office, letter(address, BART)), [text for _, text in office.heard]

    ends, heard = asyncio.run(attempt())

    assert isinstance(ends[address], Refused)
    assert isinstance(ends[BART], Accepted)
    assert [text for text in heard if text.startswith("RCPT")] == [f"RCPT TO:<{BART}>"]


UTF8 = ("SMTPUTF8", "8BITMIME")


@pytest.mark.parametrize(
    ("address", "extensions", "said", "kind"),
    [
        ("jörg@customer.example", (), None, Refused),
        ("jörg@customer.example", UTF8, "jörg@customer.example", Accepted),
        ("anne@büro.example", (), "anne@xn--bro-hoa.example", Accepted),
        ("anne@büro.example", UTF8, "anne@xn--bro-hoa.example", Accepted),
        ("anne@straße.example", (), None, Refused),  # IDNA 2003 would write to strasse.example
        ("anne@straße.example", UTF8, "anne@straße.example", Accepted),
    ],
)
def test_an_address_outside_ascii_goes_by_smtputf8_or_is_refused_with_the_reason(
    address: str, extensions: tuple[str, ...], said: str | None, kind: type[Outcome]
) -> None:
    """R72, R11: used only when needed and offered."""

    async def attempt() -> tuple[dict[str, Outcome], list[str]]:
        async with PostOffice(extensions=extensions) as office:
            return await one_attempt(office, letter(address, BART)), [text for _, text in office.heard]

    ends, heard = asyncio.run(attempt())

    assert isinstance(ends[address], kind)
    assert isinstance(ends[BART], Accepted)
    assert (f"RCPT TO:<{said}>" in heard) == (said is not None)
    assert any("SMTPUTF8" in text for text in heard) == bool(said and not said.isascii())
    if isinstance(ends[address], Refused):
        assert "SMTPUTF8" in ends[address].reason


def test_an_ordinary_letter_asks_for_no_extension_it_does_not_need() -> None:
    async def attempt() -> tuple[str, ...]:
        async with PostOffice(extensions=(*UTF8, "SIZE 99999999")) as office:
            await one_attempt(office, letter())
            return office.letters[0].options

    assert asyncio.run(attempt()) == (f"SIZE={len(RAW)}",)


def test_a_letter_beyond_the_announced_size_is_refused_without_being_sent() -> None:
    """R70: 552/5.3.4 is never tried again."""

    async def attempt() -> tuple[dict[str, Outcome], list[str]]:
        async with PostOffice(extensions=("SIZE 1000",)) as office:
            return await one_attempt(office, letter()), [text for _, text in office.heard]

    ends, heard = asyncio.run(attempt())

    assert isinstance(ends[ANNE], Refused)
    assert "5.3.4" in ends[ANNE].reason
    assert not any(text.startswith("MAIL") for text in heard)


def test_a_host_that_does_not_answer_is_down() -> None:
    async def attempt() -> dict[str, Outcome]:
        nobody = SmtpTransport(SmtpSettings("127.0.0.1", free_port(), timeouts=QUICK))
        return dict(await nobody.deliver(letter(), Dots()))

    (end,) = asyncio.run(attempt()).values()

    assert isinstance(end, TryLater)
    assert end.host_down


def test_several_letters_share_a_connection_and_none_meets_the_rest_of_another() -> None:
    async def attempt() -> tuple[list[dict[str, Outcome]], PostOffice]:
        moods = [None, Mood(rcpt={"*": "550 5.1.1 no"}), Mood(dot="451 4.3.0 later"), None]
        async with PostOffice(moods) as office:
            transport = transport_to(office)
            ends = [dict(await transport.deliver(letter(), Dots())) for _ in range(4)]
            await transport.close()
            return ends, office

    ends, office = asyncio.run(attempt())

    assert [type(end[ANNE]) for end in ends] == [Accepted, Refused, TryLater, Accepted]
    assert office.connections == 1
    assert office.heard[-1] == (1, "QUIT")


def test_a_kept_connection_that_died_is_replaced_before_the_next_letter() -> None:
    async def attempt() -> tuple[dict[str, Outcome], PostOffice]:
        async with PostOffice() as office:
            transport = transport_to(office)
            await transport.deliver(letter(), Dots())
            await office.stop()
            await office.start()
            ends = await transport.deliver(letter(), Dots())
            await transport.close()
            return dict(ends), office

    ends, office = asyncio.run(attempt())

    assert isinstance(ends[ANNE], Accepted)
    assert office.connections == 2


@pytest.mark.parametrize(
    ("first", "seconds", "resets"),
    [
        (None, 1.0, 0),
        (Mood(dot="451 4.3.0 later"), 1.0, 0),
        (Mood(rcpt={"*": "550 no"}), 1.0, 1),
        (None, 0.0, 1),
    ],
)
def test_a_reset_is_sent_unless_a_dot_was_answered_just_now(
    monkeypatch: pytest.MonkeyPatch, first: Mood | None, seconds: float, resets: int
) -> None:
    """RFC 5321 4.1.1.4: the reply to a dot ends a transaction, whatever it says."""
    monkeypatch.setattr("helpdesk.deliver.pool._FRESH_SECONDS", seconds)

    async def attempt() -> list[str]:
        async with PostOffice([first]) as office:
            transport = transport_to(office)
            for _ in range(2):
                await transport.deliver(letter(), Dots())
            await transport.close()
            return [line for _, line in office.heard]

    assert asyncio.run(attempt()).count("RSET") == resets


@pytest.mark.parametrize("mood", [Mood(breaks=Step.MAIL), Mood(mail="421 4.7.0 too many letters")])
def test_a_connection_that_goes_between_two_letters_costs_no_attempt(mood: Mood) -> None:
    async def attempt() -> tuple[list[dict[str, Outcome]], int, int]:
        async with PostOffice([None, mood, None]) as office:
            transport, dots = transport_to(office), Dots()
            ends = [dict(await transport.deliver(letter(), dots)) for _ in range(2)]
            await transport.close()
            return ends, office.connections, dots.count

    ends, connections, dots = asyncio.run(attempt())

    assert [type(end[ANNE]) for end in ends] == [Accepted, Accepted]
    assert (connections, dots) == (2, 2)


def test_an_idle_connection_is_closed_with_a_goodbye() -> None:
    async def attempt() -> list[str]:
        async with PostOffice() as office:
            transport = transport_to(office, idle=0.01)
            await transport.deliver(letter(), Dots())
            while office.open_connections:
                await asyncio.sleep(0.005)
            await transport.close()
            return [text for _, text in office.heard]

    assert asyncio.run(attempt())[-1] == "QUIT"


def test_four_letters_at_once_use_four_connections() -> None:
    async def attempt() -> tuple[int, int]:
        async with PostOffice([Mood(breaks=Step.DOT, how=How.STALL)] * 4) as office:
            transport = transport_to(office, timeouts=replace(QUICK, dot=20))
            work = [asyncio.create_task(transport.deliver(letter(), Dots())) for _ in range(4)]
            while len(office.letters) < 4:
                await asyncio.sleep(0.005)
            office.go_on.set()
            ends = await asyncio.gather(*work)
            await transport.close()
            return office.connections, sum(isinstance(end[ANNE], Accepted) for end in ends)

    assert asyncio.run(attempt()) == (4, 4)


@pytest.mark.parametrize("letters", [3, 8, 16])
def test_a_server_that_takes_few_connections_is_not_down(letters: int) -> None:
    """Letters beyond them wait for a connection; for a while nobody asks for more than these."""

    async def attempt() -> tuple[list[Outcome], int, int, int]:
        async with PostOffice(at_once=2) as office:
            transport = transport_to(office)
            first = await at_once(transport, letters)
            turned_away = office.turned_away
            again = await at_once(transport, letters)
            await transport.close()
            return [*first, *again], turned_away, office.turned_away, office.connections

    ends, turned_away, in_all, connections = asyncio.run(attempt())

    assert [type(end) for end in ends] == [Accepted] * 2 * letters
    assert 1 <= turned_away <= letters - 2
    assert (in_all, connections) == (turned_away, 2)


async def at_once(transport: SmtpTransport, letters: int) -> list[Outcome]:
    ends = await asyncio.gather(*(transport.deliver(letter(), Dots()) for _ in range(letters)))
    return [end[ANNE] for end in ends]


def test_a_server_that_takes_more_connections_again_is_given_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CROWDED_SECONDS", 0.0)

    async def attempt() -> int:
        async with PostOffice(at_once=1) as office:
            transport = transport_to(office)
            await at_once(transport, 3)
            office.at_once = 3
            await at_once(transport, 3)
            await transport.close()
            return office.connections

    assert asyncio.run(attempt()) == 3


def test_a_server_that_takes_no_connection_is_down() -> None:
    async def attempt() -> list[Outcome]:
        async with PostOffice(at_once=0) as office:
            transport = transport_to(office)
            ends = await at_once(transport, 5)
            await transport.close()
            return ends

    ends = asyncio.run(attempt())

    assert all(isinstance(end, TryLater) and end.host_down and "421 4.7.0" in end.reason for end in ends)


def test_who_waits_for_a_connection_gets_it_from_an_attempt_that_broke_off() -> None:
    async def attempt() -> list[Outcome]:
        async with PostOffice([Mood(breaks=Step.DOT)], at_once=1) as office:
            transport = transport_to(office)
            ends = await at_once(transport, 2)
            await transport.close()
            return ends

    assert sorted(type(end).__name__ for end in asyncio.run(attempt())) == ["Accepted", "TryLater"]


def test_all_before_the_dot_together_has_a_deadline_and_the_dot_its_own() -> None:
    """P10, R67: a server that drips cannot hold a letter longer than its lease."""

    async def attempt() -> tuple[Outcome, Outcome]:
        slow = replace(QUICK, command=60, dot=60, before_dot=0.2)
        async with PostOffice(
            [Mood(breaks=Step.RCPT, how=How.STALL), Mood(breaks=Step.DOT, how=How.STALL)]
        ) as office:
            transport = transport_to(office, timeouts=slow)
            first = await transport.deliver(letter(), Dots())
            second = asyncio.create_task(transport.deliver(letter(), Dots()))
            await office.reached[Step.DOT].wait()
            await asyncio.sleep(0.3)  # longer than all before the dot may take
            office.go_on.set()
            ends = first[ANNE], (await second)[ANNE]
            await transport.close()
            return ends

    first, second = asyncio.run(attempt())

    assert isinstance(first, TryLater)
    assert first.host_down
    assert isinstance(second, Accepted)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def logged_in(office: PostOffice, authority: trustme.CA, tmp_path, **changes: object) -> SmtpTransport:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    settings = SmtpSettings(
        "127.0.0.1", office.port, Tls.STARTTLS, "help", "s3cret", timeouts=QUICK, ca_file=tmp_path / "ca.pem"
    )
    return SmtpTransport(replace(settings, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("implicit", [False, True])
def test_credentials_travel_only_inside_tls(authority: trustme.CA, tmp_path, implicit: bool) -> None:
    """R74."""

    async def attempt() -> tuple[dict[str, Outcome], str, list[str]]:
        office = PostOffice(tls=server_side(authority), implicit=implicit, logins={"help": "s3cret"})
        async with office:
            transport = logged_in(office, authority, tmp_path, tls=Tls.IMPLICIT if implicit else Tls.STARTTLS)
            found = await transport.check()
            ends = await transport.deliver(letter(), Dots())
            await transport.close()
            return dict(ends), found, [text.split(" ")[0] for _, text in office.heard]

    ends, found, heard = asyncio.run(attempt())

    assert isinstance(ends[ANNE], Accepted)
    assert "TLSv1" in found
    assert "login as help accepted" in found
    assert implicit or heard.index("STARTTLS") < heard.index("AUTH")


def test_credentials_without_tls_are_a_wrong_setting() -> None:
    """R74, T26."""
    with pytest.raises(ValueError, match="never sent in the clear"):
        SmtpSettings("mx.desk.example", username="help", password="s3cret")


def test_no_setting_shows_the_password() -> None:
    """T26."""
    assert "s3cret" not in repr(
        SmtpSettings("mx.desk.example", tls=Tls.STARTTLS, username="help", password="s3cret")
    )


@pytest.mark.parametrize(
    "case", ["no starttls", "wrong name", "unknown authority", "wrong password", "421 auth", "drop at auth"]
)
def test_trouble_with_tls_or_login_is_later_never_a_refusal(
    authority: trustme.CA, tmp_path, case: str
) -> None:
    """R70: the setting is wrong, not the letters; nothing is sent meanwhile."""
    tls = server_side(
        trustme.CA() if case == "unknown authority" else authority,
        "mx.other.example" if case == "wrong name" else "127.0.0.1",
    )
    mood = {"421 auth": Mood(auth=BUSY), "drop at auth": Mood(breaks=Step.AUTH)}.get(case)

    async def attempt() -> tuple[dict[str, Outcome], list[str]]:
        office = PostOffice(
            [mood, mood], tls=None if case == "no starttls" else tls, logins={"help": "s3cret"}
        )
        async with office:
            password = "hunter2" if case == "wrong password" else "s3cret"
            transport = logged_in(office, authority, tmp_path, password=password)
            with pytest.raises(ConnectError) as told:
                await transport.check()
            ends = await transport.deliver(letter(), Dots())
            await transport.close()
            assert password not in str(told.value)
            return dict(ends), [text for _, text in office.heard]

    ends, heard = asyncio.run(attempt())

    assert isinstance(ends[ANNE], TryLater)
    assert ends[ANNE].host_down
    assert not any(text.startswith("MAIL") for text in heard)
    assert not any(text.startswith("AUTH") for text in heard) or case in {
        "wrong password",
        "421 auth",
        "drop at auth",
    }


def test_replies_are_cleaned_of_controls_and_cut(tmp_path) -> None:
    """T16, T24: they end up in tickets and logs."""

    async def attempt() -> dict[str, Outcome]:
        mood = Mood(mail="550 5.7.1 \x1b[31mred\u202e " + "x" * 3000)
        async with PostOffice([mood]) as office:
            return await one_attempt(office, letter())

    (end,) = asyncio.run(attempt()).values()

    assert isinstance(end, Refused)
    assert end.reason.startswith("550 5.7.1")
    assert end.reason.isprintable()
    assert len(end.reason) <= 500
