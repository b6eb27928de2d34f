"""A desk of another language writes no English: not in letters, nor in the sentences, tables and reports in them.

Staff and customers write the desk's language, too, so that any English word in a letter is the desk's own. Words that
are names are left alone: verbs, letters, kinds of deadlines and events, what is typed on the command line.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from test_letters_that_do_not_arrive import bounce

from helpdesk.decide.seen import Disk, Mailbox
from helpdesk.decide.verbs.noting import PRIORITIES
from helpdesk.model.forms import Escalating, FieldType, Form, FormField, FormMatch, ThirdParty
from helpdesk.model.letters import LETTERS
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.orders import Verb
from helpdesk.model.outcome import Refused, TryLater
from helpdesk.model.policy import OnBreach
from helpdesk.model.ticket import Clock, DeadlineKind, Status
from helpdesk.render.canned import shipped_folder
from helpdesk.store.schema import TICKET
from helpdesk.testing.desk import Desk
from helpdesk.testing.letters import Letter

LANGUAGES = ("id", "el", "tl")
SAID = {
    "id": (
        "Lampu",
        "Selamat pagi, lampu yang saya pesan belum sampai. Mohon dibantu.",
        "Sedang kami cari, mohon tunggu.",
    ),
    "el": (
        "Λάμπα",
        "Καλησπέρα, παρήγγειλα μια λάμπα πριν από δύο εβδομάδες και δεν έχει έρθει.",
        "Την ψάχνουμε τώρα.",
    ),
    "tl": (
        "Lampara",
        "Magandang umaga po, hindi pa po dumarating ang lampara na binili ko.",
        "Hinahanap na po namin.",
    ),
}
OTHER_WORDS = {
    "id": "Menurut saya ini belum beres.",
    "el": "Δεν είναι ακόμη εντάξει.",
    "tl": "Hindi pa po ayos ito.",
}
"""What stands in a letter already is taken for its quotation, so not everybody can say the same."""
COMMANDS = "help+commands@desk.example"
PARCEL = Form(
    "paket",
    FormMatch(subject="^paket"),
    (FormField("nr", ("Nr",), FieldType.INTEGER, required=True),),
)
ROOSTER = ThirdParty("rooster", "tickets@rooster.example", form="paket")
STAYS = frozenset({OnBreach.YELLOW_CARD, OnBreach.NOTIFY_PIC})
GB = 1024**3

_WORD = re.compile(r"[a-z]{3,}")
_NO_PROSE = re.compile(
    r"\w+Error: .*|^> #[a-z].*|^> On .* wrote:|[0-9a-f]{64}|\w*_\w*"
    r"|\S+@\S+|`[^`]*`|helpdesk .*|#\S+|\[#\d+\]|https?://\S+|\{\{.*?\}\}|\{%.*?%\}"
)


def words(text: str) -> set[str]:
    return set(_WORD.findall(_NO_PROSE.sub(" ", text).lower()))


@cache
def written(language: str) -> set[str]:
    """Every word of the letters and sentences of a language."""
    return set().union(*(words(path.read_text()) for path in (shipped_folder() / language).glob("*.txt")))


@cache
def suspects(language: str) -> set[str]:
    """Words that only English letters hold."""
    return written("en") - written(language) - NAMES


REPLIES = tuple(path.stem for path in (shipped_folder() / "en" / "replies").glob("*.txt"))
NAMES = words(
    " ".join((*LETTERS, *REPLIES, *DeadlineKind, *Status, *Verb, *PRIORITIES)).replace("_", " ")
) | {"min"}


def english(letter: Letter, language: str, events: Collection[str] = ()) -> list[str]:
    """The lines of a letter that hold a word which only English letters hold; events have English names."""
    lines = (letter.subject, *letter.text.splitlines())
    return [line for line in lines if (words(line) & suspects(language)).difference(events)]


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def opened(open_desk, language: str) -> Iterator[Callable[..., Desk]]:
    """A desk of that language; at the end no letter that it sent may hold a word of English."""
    desks: list[Desk] = []

    def opened(**rules: object) -> Desk:
        desks.append(open_desk(language=language, **rules))
        return desks[-1]

    yield opened

    for desk in desks:
        events = {event for number in range(1, desk.newest().number + 1) for event in desk.history(number)}
        assert not {(letter.name, line) for letter in desk.sent for line in english(letter, language, events)}
    assert any(letter.name in LETTERS for desk in desks for letter in desk.sent)


def asks(desk: Desk, language: str) -> None:
    subject, question, _ = SAID[language]
    desk.anne.asks(subject, question)


def order(player, text: str) -> None:
    player.sends(player.new([COMMANDS], "-", text))


def test_the_search_finds_a_word_of_english(open_desk) -> None:
    desk = open_desk(language="en")
    asks(desk, "el")

    assert english(desk.bart.last_personal("assignment"), "el")
    assert not english(desk.anne.last("acknowledgement"), "el")


def test_from_question_to_survey(opened, language: str) -> None:
    desk, (_, question, answer) = opened(), SAID[language]
    asks(desk, language)
    desk.bart.answers(f"{answer}\nhttps://track.example/1")
    desk.anne.replies(question, "answer")
    desk.bart.answers("#why")
    desk.bart.answers(f"#close\n\n{answer}")
    desk.bart.answers("#why")
    desk.dora.replies(OTHER_WORDS[language], "close_notice")
    desk.bart.answers("#close")
    desk.dora.replies("", "close_notice")
    desk.anne.replies("5", "survey")
    desk.bart.answers("#why")

    assert {"assignment", "customer_reply", "close_notice", "receipt", "survey"} <= {
        x.name for x in desk.sent
    }


ORDERS = (
    "#status",
    "#mine?",
    "#help",
    "#help hold",
    "#note {answer}",
    "#tag +lamp",
    "#tag +lamp\n#priority high",
    "#lang en",
    "#hold 2026-12-24 {answer}",
    "#hold 2026-12-24",
    "#delay 2026-12-24 {answer}",
    "#delay 2026-12-24",
    "#release {answer}",
    "#release",
    "#assign Cate\n{answer}",
    "#away until 2026-12-24\n{answer}",
    "#away",
    "#back",
    "#cancel 4711",
    "#form paket",
    "#escalate rooster",
    "#report abuse {answer}",
    "#report abuse",
    "#split",
    "#merge 2",
    "#merge 1",
    "#clsoe",
    "#canned",
    "#hold",
    "#lift Bart",
    "#close\n{answer}",
    "#undo",
)


def test_every_order_its_receipt_and_the_reason_why(opened, language: str) -> None:
    """Each order, why it came to be so, and the step taken back."""
    desk, answer = opened(forms=(PARCEL,), third_parties=(ROOSTER,)), SAID[language][2]
    asks(desk, language)
    asks(desk, language)
    desk.bart.answers(answer)
    desk.anne.replies(SAID[language][1], "answer")
    for orders in ORDERS:
        for text in (orders.format(answer=answer), "#why", "#undo"):
            desk.bart.answers(text)
    desk.passes(days=2)

    assert {"receipt", "command_error", "customer_reply", "assignment"} <= {x.name for x in desk.sent}


def test_a_claim_that_is_won_lost_or_refused(opened, language: str) -> None:
    desk = opened(mode="claim", claim_lease=timedelta(hours=2), max_open=1)
    asks(desk, language)
    desk.bart.claims()
    desk.cate.claims()
    asks(desk, language)
    desk.bart.claims()
    desk.passes(hours=3)
    desk.bart.answers("#why")
    desk.passes(days=3)

    assert {"claim_lost", "claim_refused", "taken_back"} <= {x.name for x in desk.sent}


def test_a_missed_deadline_its_card_and_the_appeal(opened, language: str) -> None:
    desk, answer = opened(on_breach=STAYS, limit=2), SAID[language][2]
    desk.fails["bart@staff.example"] = TryLater("451 4.7.1 x")
    asks(desk, language)
    desk.passes(hours=2)
    desk.fails.clear()
    desk.passes(days=3)
    desk.bart.replies(answer, "breach")
    desk.bart.answers("#why")
    desk.dora.replies("#lift Bart", "card_appeal")

    sent = {x.name for x in desk.sent}
    assert {"reminder", "breach", "breach_notice", "card_notice", "card_appeal", "cards_lifted"} <= sent


def test_a_date_that_was_promised_and_a_customer_who_is_silent(opened, language: str) -> None:
    desk, answer = opened(), SAID[language][2]
    asks(desk, language)
    desk.bart.answers(f"#delay 2026-03-05 {answer}")
    desk.passes(days=3, hours=12)
    desk.bart.answers("#why")
    desk.bart.answers(OTHER_WORDS[language])
    desk.passes(days=10)
    desk.dora.replies("#why", "close_notice")

    assert {"promise_reminder", "promise_broken", "nudge", "close_notice"} <= {x.name for x in desk.sent}


def test_a_third_party_that_is_silent_and_then_answers(opened, language: str) -> None:
    clock = Escalating(timedelta(hours=48), (0.5,), Clock.CALENDAR)
    desk, answer = (
        opened(third_parties=(ThirdParty("rooster", ROOSTER.address),), escalation=clock),
        SAID[language][2],
    )
    rooster = desk.stranger(ROOSTER.address, "Rooster")
    asks(desk, language)
    desk.bart.answers(f"#escalate rooster\n{answer}")
    desk.passes(days=3)
    rooster.replies(OTHER_WORDS[language], "escalation")
    desk.bart.answers("#why")

    sent = {x.name for x in desk.sent}
    assert {"escalation", "escalation_reminder", "escalation_overdue", "third_party_reply"} <= sent


def test_a_form_consent_and_abuse(opened, language: str) -> None:
    desk, answer = opened(forms=(PARCEL,)), SAID[language][2]
    asks(desk, language)
    desk.bart.answers("#form paket")
    desk.anne.replies("Nr: 4711", "returned_form")
    desk.bart.answers("#why")
    desk.bart.answers("#cancel 4711")
    desk.anne.replies({"id": "Setuju", "el": "Ναι", "tl": "Opo"}[language], "consent")
    desk.bart.answers("#why")
    desk.bart.answers(f"#report abuse {answer}")
    for verdict in ("#warn", "#why", "#block", "#unblock"):
        desk.dora.replies(verdict, "abuse_report")

    sent = {x.name for x in desk.sent}
    assert {"returned_form", "consent_answer", "abuse_report", "warning", "blocked"} <= sent


def test_letters_that_are_held_come_back_or_find_nobody(opened, language: str) -> None:
    desk, answer = opened(), SAID[language][2]
    asks(desk, language)
    desk.bart.answers("https://track.example/1")
    desk.bart.sends(desk.bart.new([desk.address], "Re: [#1]", answer))
    order(desk.cate, "#away")
    desk.cate.replies("", "confirm_sender")
    desk.bart.answers(answer)
    desk.post(bounce(desk.anne.last("answer")), "")
    desk.bart.answers("#why")
    desk.fails["anne@customer.example"] = Refused("550 5.1.1 x")
    desk.bart.answers(answer)
    away = desk.bart.new([desk.address], "Re: [#1]", answer)
    desk.bart.sends(away, Auto_Submitted="auto-replied", envelope="")
    desk.bart.answers("#away\n#release")
    desk.passes(days=3)

    sent = {x.name for x in desk.sent}
    assert {"links_only", "confirm_sender", "undelivered", "nobody_free"} <= sent


def test_operators_whose_mail_program_says_that_they_are_out(opened, language: str) -> None:
    desk = opened()
    asks(desk, language)
    message = desk.bart.reply(desk.bart.last_personal("assignment"), "2026-03-12")
    desk.bart.sends(message, Auto_Submitted="auto-replied", envelope="")
    desk.bart.answers("#why")
    desk.cate.answers("#why")

    assert {"away_notice", "receipt"} <= {x.name for x in desk.sent}


def test_several_tickets_in_one_mail_and_reports(opened, language: str) -> None:
    desk, answer = opened(require="address"), SAID[language][2]
    desk.daily = True
    desk.run()
    asks(desk, language)
    asks(desk, language)
    order(desk.bart, f"#ticket 1\n#tag +lamp\n#ticket 2\n#note {answer}")
    order(desk.bart, "#ticket 9\n#close")
    desk.passes(days=2)
    desk.dora.sends(desk.dora.new([desk.address], "report 2026-03", ""))
    desk.dora.sends(desk.dora.new([desk.address], "report x", ""))
    desk.bart.sends(desk.bart.new([desk.address], "report 2026-03", ""))

    assert {"receipt", "command_error", "digest", "daily_report", "report", "unsure"} <= {
        x.name for x in desk.sent
    }


def test_history_that_somebody_changed_by_hand(opened, language: str) -> None:
    desk = opened()
    desk.daily = True
    desk.run()
    asks(desk, language)
    with desk.shop.desk.write() as connection:
        connection.execute(TICKET.update().values(subject="x"))
    desk.passes(days=1)

    assert "x" in desk.dora.last("daily_report").text


def test_every_alarm(opened, language: str, tmp_path: Path) -> None:
    desk = opened(per_address=1, in_all=2)
    for what in ("{", "[]", json.dumps({"order": 1})):
        desk.arrive(
            Arrival(raw=what.encode(), road=Road.ADMIN, received_at=desk.clock(), kind=Happening.ADMIN)
        )
        desk.run()
    for _ in range(4):
        desk.stranger(f"z{_}@z.example").asks(*SAID[language][:2])
    desk.fails["anne@customer.example"] = TryLater("451 4.7.1 x")
    asks(desk, language)
    desk.clock.now += timedelta(hours=3)
    desk.looks(
        mailboxes=(Mailbox("help@imap.desk.example/INBOX", timedelta(minutes=20), "x"),),
        disks=(Disk("/x", GB // 2, GB), Disk("/y", GB + 1, GB)),
    )

    assert {"parked", "alarm"} <= {x.name for x in desk.sent}
