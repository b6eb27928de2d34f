"""The customer's language decides their letters; staff read the desk's."""

import pytest

from helpdesk.model.ticket import Status

GREEK = "Καλησπέρα, παρήγγειλα μια λάμπα πριν από δύο εβδομάδες και δεν έχει έρθει ακόμη."
TAGALOG = "Magandang umaga po, hindi pa po dumarating ang lampara na binili ko noong Lunes."
INDONESIAN = "Selamat pagi, lampu yang saya pesan belum sampai. Mohon dibantu."
ENGLISH = "I ordered a lamp two weeks ago and it has not arrived yet."

WRITERS = [
    ("el", GREEK, "Λάβαμε το μήνυμά σας", "Τρίτη, 3 Μαρτίου 2026, 09:00", "Δευτέρα έως Παρασκευή"),
    ("tl", TAGALOG, "Natanggap namin ang inyong mensahe", "Martes, 3 Marso 2026, 09:00", "Lunes hanggang"),
    ("id", INDONESIAN, "Pesan Anda sudah kami terima", "Selasa, 3 Maret 2026, 09:00", "Senin sampai Jumat"),
    ("en", ENGLISH, "We have your message", "Tuesday, 3 March 2026, 09:00", "Monday to Friday"),
]


@pytest.mark.parametrize(("language", "text", "subject", "instant", "days"), WRITERS)
def test_a_customer_is_acknowledged_in_the_language_they_write(desk, language, text, subject, instant, days):
    ticket = desk.anne.asks("Lamp", text)

    letter = desk.anne.last("acknowledgement")
    assert ticket.language == language
    assert subject in letter.subject
    assert instant in letter.text
    assert days in letter.text


@pytest.mark.parametrize("text", [GREEK, TAGALOG])
def test_staff_read_the_desks_language_whatever_the_customer_writes(desk, text):
    desk.anne.asks("Lamp", text)

    assert "is yours" in desk.bart.last_personal("assignment").text
    assert "New ticket number 1" in desk.cate.last("new_ticket").text
    assert text in desk.cate.last("new_ticket").text


@pytest.mark.parametrize("text", ["12345", "ok", "Mambo! Nimeagiza taa wiki mbili zilizopita."])
def test_who_writes_in_no_language_we_know_gets_the_desks(open_desk, text):
    desk = open_desk(language="id")

    ticket = desk.anne.asks("12", text)

    assert ticket.language == "id"
    assert "Pesan Anda sudah kami terima" in desk.anne.last("acknowledgement").subject


def test_a_language_that_the_desk_has_no_letters_in_is_answered_in_the_desks(desk):
    desk.anne.asks("Lampe", "Guten Tag, wo bleibt meine Bestellung? Ich habe sie noch nicht bekommen.")

    assert "We have your message" in desk.anne.last("acknowledgement").subject


@pytest.mark.parametrize(
    ("declared", "subject"),
    [("el-GR", "Λάβαμε"), ("fil-PH", "Natanggap"), ("id-ID, en", "Pesan Anda"), ("de-AT", "We have")],
)
def test_a_declared_language_beats_the_words_and_may_name_its_region(desk, declared, subject):
    desk.anne.asks("Lamp", ENGLISH, Content_Language=declared)

    assert subject in desk.anne.last("acknowledgement").subject


def test_the_language_of_a_ticket_stays_for_every_later_letter(desk):
    desk.anne.asks("Λάμπα", GREEK)
    desk.bart.answers("Η λάμπα φεύγει σήμερα.")
    desk.anne.replies("Please write when it has left, I am not at home next week.", "answer")

    desk.bart.answers("#close\n")

    assert desk.ticket().language == "el"
    assert "Αίτημα με αριθμό 1" in desk.anne.last("answer").text
    assert "έχει πλέον κλείσει" in desk.anne.last("closed").text


def test_a_silent_customer_is_asked_again_in_their_language(desk):
    desk.anne.asks("Lampara", TAGALOG)
    desk.bart.answers("Papunta na po ang inyong lampara.")

    desk.passes(days=60)

    assert "Sumagot lang po" in desk.anne.last("nudge").text
    assert "isinara na namin" in desk.anne.last("closed_no_feedback").text
    assert desk.ticket().status in (Status.SOLVED, Status.CLOSED)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "#clsoe is not a verb this desk knows"),
        ("id", "#clsoe bukan perintah yang dikenal di sini"),
        ("el", "το #clsoe δεν είναι εντολή που γνωρίζουμε"),
        ("tl", "hindi utos na kilala rito ang #clsoe"),
    ],
)
def test_staff_read_in_the_desks_language_why_nothing_was_done(open_desk, language, words):
    """The history keeps the English words."""
    desk = open_desk(language=language)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.bart.answers("#clsoe")

    assert words in desk.bart.last("command_error").text
    assert "#clsoe is not a verb this desk knows" in desk.lines()[-1].reason


def test_pic_read_in_the_desks_language_why_nobody_takes_it(open_desk):
    """A reason within a reason, in a list of reasons."""
    desk = open_desk(language="id")
    desk.cate.sends(desk.cate.new(["help+commands@desk.example"], "Away", "#away"))
    desk.cate.replies("", "confirm_sender")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.bart.answers("#away")
    desk.bart.answers("#release")
    desk.passes(hours=30)

    text = "\n".join(letter.text for letter in desk.letters("nobody_free"))
    assert "Cate dilewati: sedang tidak bertugas" in text
    assert "tidak ada operator yang dapat bertugas" in text
