"""New words, quotation, signature (2.3, T5, T15). The shapes are those of real mail programs, the words ours."""

from __future__ import annotations

import time

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import read_reply

MINE = "Please restart it."
THEIRS = "Anne Smith <anne@customer.example>"
REPLIES = {
    "gmail": f"{MINE}\n\nOn Tue, Nov 17, 2026 at 9:00 AM {THEIRS} wrote:\n> Help\n> me\n",
    "gmail wrapped": (
        f"{MINE}\n\nOn Tue, Nov 17, 2026 at 9:00 AM A Very Long Name Of Anne\n<a@b.example> wrote:\n\n> x\n"
    ),
    "outlook": (
        f"{MINE}\n\n"
        f"{'_' * 32}\nFrom: {THEIRS}\nSent: Tuesday, 17 November 2026 09:00\nTo: x\nSubject: y\n\nHelp\n"
    ),
    "outlook bare": (
        f"{MINE}\n\nFrom: {THEIRS}\nSent: Tuesday, 17 November 2026 09:00\nTo: x\nSubject: y\n\nHelp\n"
    ),
    "outlook indonesian": (
        f"{MINE}\n\nDari: {THEIRS}\nTanggal: Selasa, 17 November 2026\nKepada: x\nPerihal: y\n\nHelp\n"
    ),
    "outlook german": (
        f"{MINE}\n\nVon: {THEIRS}\nGesendet: Dienstag, 17. November 2026\nAn: x\nBetreff: y\n\nHilfe\n"
    ),
    "original": (f"{MINE}\n\n-----Original Message-----\nFrom: Anne\nSent: x\nTo: y\nSubject: z\n\nHelp\n"),
    "german": f"{MINE}\n\nAm Di., 17. Nov. 2026 um 09:00 Uhr schrieb {THEIRS}:\n\n> Hilfe\n",
    "french": f"{MINE}\n\nLe mar. 17 nov. 2026 à 09:00, {THEIRS} a écrit :\n\n> vieux\n",
    "spanish": f"{MINE}\n\nEl mar, 17 nov 2026 a las 9:00, {THEIRS} escribió:\n\n> viejo\n",
    "italian": f"{MINE}\n\nIl giorno mar 17 nov 2026 alle ore 09:00 {THEIRS} ha scritto:\n\n> vecchio\n",
    "portuguese": f"{MINE}\n\nEm ter., 17 de nov. de 2026 às 09:00, {THEIRS} escreveu:\n\n> velho\n",
    "dutch": f"{MINE}\n\nOp di 17 nov. 2026 om 09:00 schreef {THEIRS}:\n\n> oud\n",
    "polish": f"{MINE}\n\nwt., 17 lis 2026 o 09:00 {THEIRS} napisał(a):\n\n> stare\n",
    "russian": f"{MINE}\n\nвт, 17 нояб. 2026 г. в 09:00, {THEIRS}:\n\n> старое\n",
    "greek": f"{MINE}\n\nΣτις Τρί 17 Νοε 2026 στις 9:00 π.μ., ο χρήστης {THEIRS} έγραψε:\n\n> παλιό\n",
    "indonesian": f"{MINE}\n\nPada tanggal Sel, 17 Nov 2026 pukul 09.00 {THEIRS} menulis:\n\n> lama\n",
    "tagalog": f"{MINE}\n\nNoong Mar, Nob 17, 2026 nang 9:00 AM, sumulat si {THEIRS}:\n\n> luma\n",
    "japanese": f"{MINE}\n\n2026年11月17日(火) 9:00 {THEIRS}:\n\n> 古い\n",
    "apple": (f"{MINE}\n\nSent from my iPhone\n\n> On 17 Nov 2026, at 09:00, {THEIRS} wrote:\n> \n> Help\n"),
    "yahoo unquoted": (
        f"{MINE}\n\n    On Tuesday, November 17, 2026 at 09:00:00 AM GMT+1, {THEIRS} wrote:  \n \n Help me\n"
    ),
    "our marker": f"{MINE}\n\n##- Please type your reply above this line -##\nHelp\n",
    "bottom": f"On Tue, Nov 17, 2026 at 9:00 AM {THEIRS} wrote:\n> Help\n\n{MINE}\n",
    "signature": f"{MINE}\n\n-- \nBart\nThe desk\n",
    "signature without its space": f"{MINE}\n--\nBart\n",
    "sign-off": f"{MINE}\n\nBest regards,\nBart\n",
    "indonesian sign-off": f"{MINE}\n\nTerima kasih,\nBart\n",
    "list footer": (
        f"{MINE}\n\n{'_' * 47}\nmilis mailing list\nmilis@lists.example\nhttps://lists.example/milis\n"
    ),
    "small print": (
        f"{MINE}\n\nThis e-mail and any attachments are confidential and may be privileged.\nDelete it.\n"
    ),
}


@pytest.mark.parametrize("kind", REPLIES)
def test_only_the_new_words_are_left(kind: str) -> None:
    assert read_reply(REPLIES[kind]).new_text == MINE


@pytest.mark.parametrize(
    "kind", [k for k in REPLIES if k not in {"sign-off", "indonesian sign-off", "small print"}]
)
def test_a_reply_without_words_is_never_text(kind: str) -> None:
    reading = read_reply(REPLIES[kind].replace(MINE, ""))

    verdict = judge(reading, ())

    assert verdict is (Emptiness.UNSURE if kind == "yahoo unquoted" else Emptiness.EMPTY)


OWN = [
    "The log says:\nFrom: field is missing\nplease fix",
    "On Monday I wrote:\na test",
    "I think\n> this\nis what you mean",
    "> Is it on?\nYes it is.\n> And the light?\nGreen.",
    "Name: Anne\nPhone: 0812\nDate: 2026-03-09",
    "-- is two dashes\nand -- so on",
    "Thanks!",
    "Thanks,\n\nbut it does not work",
    "ok",
    "👍",
    "+1",
    "Call me at 10:30 on 9/3/2026:\nplease",
    "Sent the parcel today.\nFrom home.",
    "1. one\n2. two\n- three",
    "#1234 is the number",
]


@pytest.mark.parametrize("text", OWN)
def test_what_a_human_wrote_stays(text: str) -> None:
    reading = read_reply(text)

    assert reading.new_text == text
    assert judge(reading, ()) is Emptiness.TEXT


@pytest.mark.parametrize("text", ["Best regards,\nBart", "To unsubscribe from your letters, what must I do?"])
def test_what_could_be_either_is_unsure(text: str) -> None:
    assert judge(read_reply(text), ()) is Emptiness.UNSURE


def test_every_line_has_its_verdict() -> None:
    reading = read_reply(
        f"Hello\n\nSent from my phone\n\nOn Tue, Nov 17, 2026 at 9:00 AM {THEIRS} wrote:\n> x\n"
    )

    assert [verdict for _, verdict in reading.evidence] == ["own", "tagline", "attribution", "quotation"]


def test_a_sentence_above_an_attribution_is_not_swallowed() -> None:
    own = "The courier brings it tomorrow before\nlunch, said the warehouse."

    reading = read_reply(f"{own}\nOn Mar 9, 2026 8:05 AM, {THEIRS} wrote:\n\n> x")

    assert reading.new_text == own


def test_a_long_text_is_not_lost_beyond_the_limits() -> None:
    reading = read_reply("word\n" * 5000)

    assert reading.new_text.count("word") == 5000


K = 64 * 1024
TRIES = 10
SLACK = 4  # neighbours on a busy machine cost a process time too; what is not linear takes far longer
ALPHABETS = [
    " ", "\n", ">", ">\n", "> ", "On ", "On\n", "On a wrote:\n", "From: ", "From: a\n", "-", "--\n", "_", "*",
    "Am a schrieb ", "wrote:\n", "<a@b", "\t\n", "Sent from my ", "Sent from my x\n", "Le ", "\u00a0", "1", "1-",
    "1.1 ", "2026-01-01 10:10 a@b.c wrote\n", "2026-01-01 10:10 a@b.c\n", "www. ", "a.", "Regards,\n", "Anna Bell ",
    "-----Original Message-----\n", "---- Forwarded message ----\nFrom: a@b\n", "#a\n", "to unsubscribe\n", "👍",
    "Anna wrote:\n", "a On Mon 1\n", "x\n\nSent from my iPhone\n", "From: a@b\n\nSent: 2026\n\n", "原", "> a\nb\n",
    "From: a Sent: b To: c Subject: d From: a Sent: b\n", "(http://x\n", "- a\n\n", "*From:* ", "| a |\n",
    "x: 2026 a@b\n", "On " + "a " * 60 + "\n", "é", "]", ":",
]  # fmt: skip


@pytest.mark.parametrize("piece", ALPHABETS)
def test_no_text_is_slow(piece: str) -> None:
    """T15: 64 KB of each alphabet in 50 ms, alone and compared with a letter of ours; the best of ten counts."""
    text = (piece * (K // len(piece) + 1))[:K]

    assert any(_seconds(text, ()) < 0.05 * SLACK for _ in range(TRIES))
    assert any(_seconds(text, (text[:8000],)) < 0.1 * SLACK for _ in range(TRIES))


def _seconds(text: str, sent: tuple[str, ...]) -> float:
    began = time.process_time()
    read_reply(text, sent)
    return time.process_time() - began
