"""The customer's language: declared beats detected, and None where nothing is sure."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.parse.functionwords import FUNCTION_WORDS
from helpdesk.parse.language import CAP, recognise
from helpdesk.parse.message import read, read_headers_only

HEAD = b"From: anne@customer.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n"

WRITTEN = {
    "en": [
        "Where is my order? I ordered a lamp two weeks ago.",
        "please cancel my order",
        "I want a refund",
        "It does not work.",
    ],
    "id": [
        "Selamat pagi, pesanan saya belum sampai. Mohon dibantu.",
        "kak kok barang saya blm dikirim ya, udah seminggu",
        "Hi admin, saya mau cancel order saya, tolong ya",
        "Bagaimana cara mengubah alamat pengiriman?",
        "Bilakah barang saya akan sampai? Saya sudah membayar minggu lepas.",
    ],
    "tl": [
        "Magandang umaga po, nasaan na po ang order ko?",
        "Hindi pa po dumarating ang padala ko. Nagbayad na ako noong Lunes.",
        "Hi po, nasaan na po yung order ko? I ordered last week pa.",
        "Good morning po, hindi ko pa natatanggap ang refund ko, please help po",
    ],
    "el": [
        "Πού είναι η παραγγελία μου;",
        "Καλησπέρα, δεν έχω λάβει ακόμη το iPhone 15 Pro Max από το Amazon.",
        "Kalispera sas, pou einai h paraggelia mou? Den exei erthei akoma",
        "ευχαριστώ",
    ],
    "de": ["Guten Tag, wo bleibt meine Bestellung? Ich habe sie noch nicht bekommen."],
    "fr": ["Bonjour, je n'ai pas encore reçu ma commande.", "Où est ma commande ?"],
    "es": ["Hola, todavía no he recibido mi pedido.", "Quiero cancelar el pedido por favor"],
    "pt": ["Olá, ainda não recebi o meu pedido.", "Onde está o meu pedido?"],
    "it": ["Buongiorno, non ho ancora ricevuto il mio ordine.", "Dove è il mio ordine?"],
    "nl": ["Goedendag, ik heb mijn bestelling nog niet ontvangen.", "Waar is mijn bestelling?"],
    "pl": ["Dzień dobry, nie otrzymałem jeszcze mojego zamówienia.", "Gdzie jest moje zamówienie?"],
    "tr": ["Merhaba, siparişim henüz gelmedi.", "Siparişim nerede?"],
    "vi": ["Xin chào, tôi chưa nhận được đơn hàng của mình.", "Đơn hàng của tôi đâu?"],
    "sv": ["Hej, jag har inte fått min beställning ännu."],
    "ru": ["Здравствуйте, где мой заказ?", "Добрый день! Я ещё не получил посылку."],
    "uk": ["Добрий день, де моє замовлення?", "Я ще не отримав посилку, допоможіть"],
    "ar": ["مرحبا، أين طلبي؟ لم يصل بعد."],
    "fa": ["سلام، سفارش من کجاست؟ هنوز نرسیده، لطفا پیگیری کنید"],
    "he": ["שלום, איפה ההזמנה שלי?"],
    "hi": ["नमस्ते, मेरा ऑर्डर कहाँ है?"],
    "th": ["สวัสดีค่ะ สินค้ายังไม่มาเลยค่ะ"],
    "zh": ["您好,我的订单还没有收到。", "你好,iPhone订单号 12345 什么时候发货?"],
    "ja": ["注文した商品がまだ届きません。", "お世話になっております。"],
    "ko": ["안녕하세요, 주문한 상품이 아직 안 왔어요."],
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in WRITTEN.items() for text in texts]
)
def test_a_customers_language_is_recognised(language, text):
    assert recognise(None, text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "ok thanks",
        "12345",
        "asdf qwer zxcv",
        "Lorem ipsum dolor sit amet consectetur adipiscing elit",
        "https://shop.example/the/order/is/here and.you@customer.example",
        "Β 12",
    ],
)
def test_too_little_is_no_language(text):
    assert recognise(None, text) is None


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("el", "el"),
        ("el-GR", "el-gr"),
        ("id_ID, en", "id-id"),
        ("fil-PH", "tl-ph"),
        ("in", "id"),
        (" TL ", "tl"),
        ("zh-Hant-TW", "zh-hant-tw"),
    ],
)
def test_what_a_mail_declares_beats_its_words(declared, language):
    assert recognise(declared, "Where is my order? I ordered a lamp.") == language


@pytest.mark.parametrize(
    "declared", [None, "", "und", "mul", "x", "12", "english", "en\x00", "a" * 200, "e n"]
)
def test_a_declaration_that_is_none_leaves_it_to_the_words(declared):
    assert recognise(declared, "Magandang umaga po, nasaan na po ang order ko?") == "tl"


def test_a_foreign_name_or_sentence_does_not_turn_a_letter():
    assert recognise(None, "The parcel of Κυριάκος has not arrived, where is it please?") == "en"
    assert recognise(None, "Ich habe von Ihnen nur die Antwort 'please wait' bekommen.") == "de"


def test_the_words_they_wrote_decide_and_not_those_they_quote():
    body = "Δεν έφτασε ακόμη η λάμπα μου.\n\nOn Mon, 2 Mar 2026 at 09:00, The desk wrote:\n" + (
        "> thank you for your message, we are going to answer it soon\n" * 20
    )

    assert read(HEAD + b"\r\n" + body.encode()).language == "el"


def test_a_mail_without_a_body_is_known_by_its_subject():
    raw = "From: anne@customer.example\r\nSubject: Πού είναι η παραγγελία μου;\r\n\r\n".encode()

    assert read(raw).language == "el"


def test_a_mail_that_declares_its_language_keeps_its_region():
    raw = HEAD + b"Content-Language: el-GR\r\n\r\nWhere is my order? It has not arrived yet."

    assert read(raw).language == "el-gr"
    assert read_headers_only(raw).language == "el-gr"


@given(st.text())
def test_any_text_has_a_known_language_or_none(text):
    known = {*WRITTEN, *FUNCTION_WORDS, "be", "sr", "mk", "bg", "ur", "bn", "ta", "ka", "km"}

    assert recognise(None, text) in {None, *known}


def test_only_the_beginning_of_a_long_text_is_read():
    start = ("Where is my order? I want to know when it will be here. " * 50)[:CAP]

    assert recognise(None, start + "Πού είναι η παραγγελία μου; " * 1000) == "en"


@pytest.mark.parametrize(
    "text", ["и" * 5000, "你" * 5000, "x " * 5000, "@ " * 5000, "the and " * 900, "a/" * 5000]
)
def test_no_text_takes_long(text):
    """It runs on every mail: 0.3 ms is its share; ten times that is allowed to a busy machine."""
    begin = time.process_time()
    for _ in range(20):
        recognise(None, text)

    assert (time.process_time() - begin) / 20 < 0.003
