"""A3: one operator has it; operator, list, PIC and customer are told."""

import re

import pytest

from helpdesk.testing.desk import LIST, PIC


@pytest.fixture(params=["round_robin", "claim"])
def assigned(open_desk, request):
    desk = open_desk(mode=request.param)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    if request.param == "claim":
        desk.bart.claims()
    return desk


def test_the_assignment_goes_to_operator_list_and_pic_as_letters_of_their_own(assigned):
    """INTERFACE 3: a reply address that proves a person is never shown to another."""
    letters = assigned.letters("assignment")

    assert {letter.to for letter in letters} == {("bart@staff.example",), (LIST,), (PIC,)}
    assert len(letters) == 3
    assert all(letter.cc == () for letter in letters)
    assert len({letter.answer_to() for letter in letters}) == 3


def test_its_subject_says_number_and_operator(assigned):
    assert all("Offline number (1), Operator (Bart)" in x.subject for x in assigned.letters("assignment"))


def test_its_subject_in_indonesian_is_the_one_that_everybody_knows(open_desk):
    desk = open_desk(language="id")
    desk.anne.asks("Pesanan saya", "Di mana pesanan saya?")

    assert all("offline nomor (1), Operator (Bart)" in x.subject for x in desk.letters("assignment"))


def test_the_customer_learns_the_operators_name_but_no_staff_address(assigned):
    letter = assigned.anne.last("assigned")

    assert "Bart" in letter.text
    assert b"staff.example" not in letter.raw
    assert b"milis" not in letter.raw


def test_only_the_operators_own_copy_proves_the_operator(assigned):
    kinds = {x.to[0]: re.search(r"\+1-([clop])", x.answer_to()[0])[1] for x in assigned.letters("assignment")}

    assert kinds == {"bart@staff.example": "o", LIST: "l", PIC: "p"}


def test_the_assignment_carries_the_question_and_the_deadline(assigned):
    letter = assigned.bart.last_personal("assignment")

    assert "> I ordered a lamp." in letter.text
    assert "Please answer by Tuesday, 3 March 2026, 09:00" in letter.text
    assert "Anne <anne@customer.example>" in letter.text


def test_a_bcc_is_never_in_the_bytes(assigned):
    """T30, R71: one recipient a letter."""
    assert all(len(letter.to) == 1 and "Bcc" not in letter.mail for letter in assigned.sent)
    assert all(letter.recipients == letter.to for letter in assigned.sent)


def test_posts_to_the_list_carry_no_header_that_list_managers_refuse(assigned):
    posts = [letter for letter in assigned.sent if letter.to == (LIST,)]

    refused = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Id")
    assert all(h not in post.mail for post in posts for h in refused)
    assert all(post.sender == "help@desk.example" for post in posts)
