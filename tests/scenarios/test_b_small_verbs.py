"""The small verbs: notes, tags, priority, language and canned replies, each on top of a reply."""

import pytest

from helpdesk.model.ticket import EntryKind, Status


@pytest.fixture
def asked(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def to_anne(desk):
    return "\n".join(letter.text for letter in desk.anne.mailbox)


def test_a_note_stays_in_the_house(asked):
    asked.bart.answers("#note\n\nShe has called twice; be kind.")

    note = asked.entries()[-1]
    assert (note.kind, note.text) == (EntryKind.NOTE, "She has called twice; be kind.")
    assert "called twice" not in to_anne(asked)
    assert asked.ticket().status is Status.OPEN
    assert "The note stands on the ticket" in asked.bart.last("receipt").text


def test_a_note_on_its_line_leaves_the_words_below_to_the_closing_letter(asked):
    asked.bart.answers("#note vendor was slow\n#close\n\nYour lamp is there.")

    assert [e.text for e in asked.entries() if e.kind is EntryKind.NOTE] == ["vendor was slow"]
    assert "Your lamp is there." in asked.anne.last("closed").text
    assert "vendor was slow" not in to_anne(asked)


@pytest.mark.parametrize(
    "verb", ["#close", "#canned ask_for_details", "#split", "#delay friday", "#cancel it"]
)
def test_words_that_could_be_note_or_letter_are_asked_about(asked, verb):
    """Whatever else could send the words: a note never leaves the house by mistake (T31)."""
    asked.bart.answers(f"{verb}\n#note\n\nThe vendor was slow.")
    asked.bart.answers(f"#note\n{verb}\n\nThe vendor was slow.")

    assert "vendor was slow" not in to_anne(asked)
    assert asked.bart.count("command_error") == 2


def test_the_reason_says_what_to_do_instead(asked):
    asked.bart.answers("#note\n#close\n\nThe vendor was slow.")

    assert "could be the note or the letter" in asked.bart.last("command_error").text
    assert asked.anne.count("closed") == 0
    assert asked.ticket().status is Status.OPEN


def test_a_note_on_its_line_keeps_the_words_below_inside_too(asked):
    """Who begins a mail with #note and writes on below means the note."""
    asked.bart.answers("#note call back\n\nHer number is 0812.")

    assert asked.entries()[-1].text == "call back\n\nHer number is 0812."
    assert "0812" not in to_anne(asked)


def test_an_empty_note_is_no_note(asked):
    asked.bart.answers("#note")

    assert "no words to note" in asked.bart.last("command_error").text


def test_a_pic_may_note_too(asked):
    asked.bart.answers("#close")

    asked.dora.replies("#note\n\nWatch this vendor.", "close_notice")

    assert asked.ticket().status is Status.SOLVED
    assert asked.entries()[-1].kind is EntryKind.NOTE
    assert asked.dora.count("receipt") == 1


def test_a_note_that_reached_the_customer_is_pointed_out(asked):
    letter = asked.bart.last_personal("assignment")

    asked.bart.sends(asked.bart.reply(letter, "#note\n\nShe is angry.", cc=["anne@customer.example"]))

    assert "they have read these words" in asked.bart.last("receipt").text


def test_tags_come_and_go(asked):
    asked.bart.answers("#tag +Warehouse courier -nothing")
    asked.bart.answers("#tag -courier")

    assert asked.ticket().tags == ("warehouse",)
    assert asked.history().count("tagged") == 2


@pytest.mark.parametrize("line", ["#tag", "#tag +no-auto-reply", "#tag !!", "#tag +" + "x" * 50])
def test_a_tag_that_cannot_be_is_refused(asked, line):
    asked.bart.answers(line)

    assert asked.ticket().tags == ()
    assert f">>> {line}" in asked.bart.last("command_error").text


def test_the_tag_that_holds_letters_back_cannot_be_taken_away(desk):
    desk.anne.asks("Daily build", "It failed.", Auto_Submitted="auto-generated")

    desk.bart.answers("#tag -no-auto-reply")

    assert "the desk's own tag" in desk.bart.last("command_error").text


def test_a_priority_stands_as_a_tag_and_normal_takes_it_away(asked):
    asked.bart.answers("#priority urgent")
    assert asked.ticket().tags == ("priority:urgent",)

    asked.bart.answers("#priority HIGH")
    assert asked.ticket().tags == ("priority:high",)

    asked.bart.answers("#priority normal")
    assert asked.ticket().tags == ()


@pytest.mark.parametrize("line", ["#priority", "#priority now"])
def test_an_unknown_priority_is_answered_with_those_there_are(asked, line):
    asked.bart.answers(line)

    assert "low, normal, high, urgent" in asked.bart.last("command_error").text


def test_the_language_of_the_ticket_is_that_of_the_next_letter(asked):
    asked.bart.answers("#lang id")
    asked.bart.answers("#close close")

    assert asked.ticket().language == "id"
    assert "thank you" not in asked.anne.last("closed").text.lower()


def test_a_language_without_letters_is_refused_with_those_there_are(asked):
    asked.bart.answers("#lang fr")

    assert "el, en, id, tl" in asked.bart.last("command_error").text
    assert asked.ticket().language != "fr"


def test_a_canned_reply_is_the_answer_and_own_words_follow(asked):
    asked.bart.answers("#canned ask_for_details\n\nGreetings to the cat.")

    text = asked.anne.last("answer").text
    assert text.index("tell us") < text.index("Greetings to the cat.")
    assert "#canned" not in text
    assert asked.ticket().status is Status.PENDING


def test_several_canned_replies_stand_one_below_the_other(asked):
    asked.bart.answers("#canned ask_for_details\n#canned parcel_returned")

    text = asked.anne.last("answer").text
    assert text.index("tell us") < text.index("your parcel has come back")
    assert asked.anne.count("answer") == 1


def test_an_unknown_canned_reply_is_answered_with_the_nearest(asked):
    asked.bart.answers("#canned cancelation")

    assert "#canned with one of: cancellation" in asked.bart.last("command_error").text
    assert asked.anne.count("answer") == 0


def test_a_note_beside_a_canned_reply_must_stand_on_its_line(asked):
    asked.bart.answers("#canned ask_for_details\n#note\n\nShe is angry.")

    assert asked.anne.count("answer") == 0
    assert asked.bart.count("command_error") == 1


def test_one_bad_line_and_nothing_is_done(asked):
    asked.bart.answers("#tag +vip\n#priority high\n#lang xx")

    assert asked.ticket().tags == ()
    assert asked.bart.count("receipt") == 0


def test_an_indonesian_desk_answers_its_staff_in_indonesian(open_desk):
    desk = open_desk(language="id")
    desk.anne.asks("Pesanan saya", "Di mana?")

    desk.bart.answers("#priority high")

    assert "Prioritas: high." in desk.bart.last("receipt").text


def test_closing_with_words_what_is_solved_is_told(asked):
    asked.bart.answers("#close")
    asked.bart.answers("#close\n\nOne more thing, dear Anne.")

    assert "means nothing for a ticket that is solved" in asked.bart.last("command_error").text
    assert "One more thing" in asked.bart.last("command_error").text
    assert "One more thing" not in to_anne(asked)


@pytest.mark.parametrize("alias", ["#tutup", "#selesai", "#solved", "#done"])
def test_verbs_have_other_names(asked, alias):
    asked.bart.answers(alias)

    assert asked.ticket().status is Status.SOLVED
