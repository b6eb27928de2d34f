"""Signatures, taglines of phones, small print; and the human sentences that look like them (2.3)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import read_reply
from helpdesk.parse.taglines import is_tagline

MINE = "It works again."
TAGLINES = [
    "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Enviado do meu iPhone",
    "Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Skickat från min iPhone", "Sendt fra min iPhone",
    "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Отправлено с iPhone", "Надіслано з iPhone", "Odesláno z iPhonu",
    "Trimis de pe iPhone-ul meu", "Изпратено от моя iPhone", "Poslano s mog iPhone uređaja", "Az iPhone-omról küldve",
    "Στάλθηκε από το iPhone μου", "iPhone'umdan gönderildi", "נשלח מה-iPhone שלי", "أُرسلت من الـ iPhone",
    "ส่งจาก iPhone ของฉัน", "Đã gửi từ iPhone của tôi", "Dikirim dari iPhone saya", "发自我的 iPhone", "iPhoneから送信",
    "나의 iPhone에서 보냄", "मेरे iPhone से भेजा गया", "Ipinadala mula sa aking iPhone", "Sent from my Galaxy",
    "Get Outlook for Android<https://example.org/x>", "Outlook für iOS beziehen", "Gesendet von Mail für Windows",
    "Sent from Yahoo Mail on Android", "Dikirim dari Yahoo Mail untuk Android", "*Sent from my mobile device*",
]  # fmt: skip


@pytest.mark.parametrize("line", TAGLINES)
def test_a_phones_own_line_is_no_word_of_the_writer(line: str) -> None:
    reading = read_reply(f"{MINE}\n\n{line}")

    assert (reading.new_text, reading.signature) == (MINE, line)
    assert judge(read_reply(f"\n\n{line}\n\n> old"), ()) is not Emptiness.TEXT


HUMAN = [
    "Sent by courier yesterday",
    "Sent via JNE this morning",
    "Sent from the Jakarta office",
    "I sent it from my iPhone",
    "Get me a new phone please",
    "Download failed on my phone",
    "My iPhone was sent back",
    "Get the app fixed on my phone",
    "Enviado por correo ayer",
    "Sent from my desk, which is easier than my mobile phone.",
    "via email please",
    "Samsung phone is broken.",
    "From my phone I cannot log in",
    "Az iPhone nem működik",
    "Outlook for iOS crashes",
    "Ich habe es mit dem iPhone gesendet",
    "मेरे iPhone में आवाज़ नहीं है",
]


@pytest.mark.parametrize("line", HUMAN)
def test_a_human_sentence_is_no_tagline(line: str) -> None:
    reading = read_reply(line)

    assert not is_tagline(line)
    assert reading.new_text == line
    assert judge(reading, ()) is Emptiness.TEXT


def test_what_a_phone_quotes_below_its_line_without_marks_is_cut() -> None:
    assert read_reply(f"{MINE}\n\nSent from my iPhone\n\nDear Anne,\nold words\n").new_text == MINE


@pytest.mark.parametrize("below", ["PS: and thank you", "#close"])
def test_a_postscript_below_a_tagline_stays(below: str) -> None:
    assert below in read_reply(f"{MINE}\n\nSent from my iPhone\n\n{below}").new_text


def test_words_typed_below_the_tagline_on_top_stay() -> None:
    assert MINE in read_reply(f"Sent from my iPhone\n\n{MINE}").new_text


SIGNATURES = {
    "delimiter": "--\nBart\nThe desk",
    "long rule": "---\nBart",
    "sign-off": "Kind regards,\nBart",
    "sign-off with company": "Mit freundlichen Grüßen\n\nBart Example\nDesk GmbH",
    "indonesian": "Terima kasih,\nBart",
    "chinese": "此致\n敬上",
    "dash": "-Bart",
    "dash apart": "- Bart",
    "slash": "/Bart",
    "block": "Bart B. Example, Ph.D.\nThe desk\nbart@staff.example\nwww.desk.example",
    "block below a rule": "----------------\n\nLOGO\n\nBart Example\n\nDesk\n\nt. 555-010-0702\n\nhttps://desk.example/",
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_is_told_apart(kind: str) -> None:
    reading = read_reply(f"{MINE}\n\n{SIGNATURES[kind]}")

    assert (reading.new_text, reading.signature) == (MINE, SIGNATURES[kind])


@pytest.mark.parametrize("text", ["Please bring:\n\n- milk", "1. a\n- b", "- a\n- b\n- c", "Both:\n-a\n-b"])
def test_the_last_point_of_a_list_is_no_signature(text: str) -> None:
    assert read_reply(text).new_text == text


def test_a_phones_line_is_left_out_when_the_mail_is_signed() -> None:
    reading = read_reply(f"{MINE}\n\nRegards, Bart\n\nSent from my iPhone")

    assert reading.signature == "Regards, Bart"


def test_the_small_print_below_a_signature_goes_with_it() -> None:
    footer = f"{'_' * 47}\nmilis mailing list\nmilis@lists.example"

    assert read_reply(f"{MINE}\n\n-- \nBart\n\n{footer}").signature == f"-- \nBart\n\n{footer}".replace(
        "-- ", "--"
    )
