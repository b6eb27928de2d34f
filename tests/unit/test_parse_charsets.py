"""Charsets: labels that lie, labels that are missing, names nobody registered (R22, R24)."""

from __future__ import annotations

import pytest

from helpdesk.parse.charsets import codec_for, decode, guess
from helpdesk.parse.message import read

RUSSIAN = "Здравствуйте, когда придёт мой заказ?"
CHINESE = "您好，我想问一下我的订单什么时候到"


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF8", "utf-8"),
        ("utf-8http-equivContent-Type", "utf-8"),
        ("“utf-8”", "utf-8"),
        ('\\"us-ascii\\"', "cp1252"),
        ("Windows1251", "cp1251"),
        ("win-1250", "cp1250"),
        ("cp-850", "cp850"),
        ("8859_2", "iso8859-2"),
        ("ISO8859-15", "iso8859-15"),
        ("iso-8859-8-i", "iso8859-8"),
        ("windows-874", "cp874"),
        ("GB2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("unicodebig", "utf-16-be"),
        ("koi8r", "koi8-r"),
        ("us-ascii (Plain text)", "cp1252"),
    ],
)
def test_names_mailers_invented(name: str, codec: str) -> None:
    assert codec_for(name) == codec


@pytest.mark.parametrize(
    "name",
    [
        "utf-7",
        "unicode-1-1-utf-7",
        "rot13",
        "zlib",
        "idna",
        "unicode_escape",
        "punycode",
        "x" * 5000,
        "",
        "../etc",
    ],
)
def test_names_that_are_refused(name: str) -> None:
    assert codec_for(name) is None


def test_utf7_is_shown_as_it_stands() -> None:
    text, repaired = decode(b"+ADw-script+AD4-", "utf-7")

    assert text == "+ADw-script+AD4-"
    assert repaired


@pytest.mark.parametrize(
    ("words", "charset"),
    [
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "iso8859-5"),
        ("Привет", "koi8-r"),
        ("ВНИМАНИЕ! Срочно", "cp1251"),
        ("Добрий день, підкажіть будь ласка", "koi8-u"),
        ("Καλημέρα σας, θα ήθελα να ρωτήσω για την παραγγελία", "cp1253"),
        ("שלום, אני רוצה לדעת מתי תגיע ההזמנה", "cp1255"),
        ("مرحبا، أريد أن أعرف متى سيصل طلبي", "cp1256"),
        ("สวัสดีครับ ผมอยากทราบว่าสินค้าจะมาถึงเมื่อไหร่", "cp874"),
        (CHINESE, "gb18030"),
        ("您好，我想問一下我的訂單什麼時候到", "cp950"),
        ("こんにちは、注文の状況を教えてください。", "cp932"),
        ("お問い合わせ", "euc_jp"),
        ("こんにちは、注文の状況", "iso2022_jp"),
        ("안녕하세요, 주문한 상품이 언제 도착하나요?", "cp949"),
        ("Où est ma commande ? Ça fait déjà une semaine", "cp1252"),
        ("Żółć proszę o odpowiedź, gdzie jest moje zamówienie", "cp1250"),
        ("“Größe” – naïve café", "utf-8"),
        ("Größe", "cp1252"),
        ("plain", "ascii"),
        ("Hello", "utf-16-le"),
    ],
)
def test_undeclared_bytes_are_guessed(words: str, charset: str) -> None:
    assert guess(words.encode(charset)) == words


@pytest.mark.parametrize(
    ("words", "really", "declared"),
    [
        (CHINESE, "utf-8", "Big5"),
        (CHINESE, "utf-8", "gb2312"),
        (CHINESE, "gb18030", "iso-8859-1"),
        (RUSSIAN, "utf-8", "koi8-r"),
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "cp1251", "koi8-r"),
        (RUSSIAN, "koi8-r", "windows-1251"),
        (RUSSIAN, "koi8-r", "us-ascii"),
        (RUSSIAN, "cp1251", "x-unknown"),
        ("naïve “quotes”", "utf-8", "iso-8859-1"),
        ("naïve “quotes”", "cp1252", "iso-8859-1"),
        ("naïve “quotes”", "cp1252", "utf-8"),
        ("plain words", "ascii", "utf-16"),
        ("朱镕基 喆", "gb18030", "gb2312"),
        ("① 丸数字 ㈱テスト 髙橋", "cp932", "shift_jis"),
    ],
)
def test_a_wrong_label_does_not_spoil_the_words(words: str, really: str, declared: str) -> None:
    text, _ = decode(words.encode(really), declared)

    assert text == words


def test_japanese_company_marks_outside_the_standard() -> None:
    """Row 13 of NEC, half-width kana: no strict codec reads them, every mailer writes them."""
    raw = b"\x1b$B-!-j\x1b(B \x1b(I1\x1b(B"

    text, _ = decode(raw, "iso-2022-jp")

    assert text == "①㈱ ｱ"


def test_umlauts_under_their_own_label_stay() -> None:
    words = "ÄäÖöÜü" * 8

    assert decode(words.encode("cp1252"), "iso-8859-1") == (words, False)


def test_windows_bytes_inside_utf8_are_read_one_by_one() -> None:
    text, repaired = decode("naïve ".encode() + b"caf\xe9 \x93quoted\x94", "utf-8")

    assert text == "naïve café “quoted”"
    assert repaired


def test_text_cut_inside_its_last_character_stays_what_it_is() -> None:
    raw = RUSSIAN.encode()[:-2]

    assert decode(raw, "utf-8")[0].startswith("Здравствуйте")


def test_a_repair_is_noted() -> None:
    mail = read(b"Content-Type: text/plain; charset=x-unknown\r\n\r\n" + RUSSIAN.encode("cp1251"))

    assert mail.text == RUSSIAN
    assert "text in x-unknown repaired" in mail.repairs


@pytest.mark.parametrize("label", [b"", b"; charset=us-ascii"])
def test_html_that_declares_itself_only_in_meta(label: bytes) -> None:
    head = b'<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1257"></head>'
    raw = (
        b"Content-Type: text/html"
        + label
        + b"\r\n\r\n"
        + head
        + "<p>Ačiū už užsakymą</p></html>".encode("cp1257")
    )

    mail = read(raw)

    assert mail.text == "Ačiū už užsakymą"
    assert "text in windows-1257, as the HTML says repaired" in mail.repairs


def test_raw_bytes_in_the_header_are_in_the_charset_of_the_text() -> None:
    raw = "Subject: Zásilka ještě nepřišla\r\nFrom: Jiří <anne@customer.example>\r\n".encode("iso8859-2")

    mail = read(raw + b"Content-Type: text/plain; charset=iso-8859-2\r\n\r\nx")

    assert mail.subject == "Zásilka ještě nepřišla"
    assert mail.sender
    assert mail.sender.name == "Jiří"
