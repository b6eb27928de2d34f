"""Subjects stay the same through a conversation, with the tag once (R33, R34)."""

import time

import pytest

from helpdesk.render.subject import base, tag, tagged


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("My parcel", "My parcel"),
        ("Re: My parcel", "My parcel"),
        ("RE: re: Fwd: My parcel", "My parcel"),
        ("Re[2]: My parcel", "My parcel"),
        ("AW: WG: My parcel", "My parcel"),
        ("Balas: Bls: My parcel", "My parcel"),
        ("回复：My parcel", "My parcel"),
        ("Re: [#12] Re: My parcel [#12]", "My parcel"),
        ("Regarding: the parcel", "Regarding: the parcel"),
        ("[list] My parcel", "[list] My parcel"),
        ("My\r\n parcel", "My parcel"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_only_the_customers_own_words_stay(subject, words):
    assert base(subject) == words


def test_a_subject_grows_no_longer_than_two_hundred_characters():
    assert len(base("ü" * 5000)) == 200


def test_the_tag_stands_once_at_the_end_whatever_tags_came_in():
    subject = tagged("Re: [#99] My parcel [#12] [#12]", 12)

    assert subject == "Re: My parcel [#12]"


def test_tags_inside_tags_do_not_make_a_new_one():
    assert "[#99]" not in tagged("[#9[#1]9] [[#1]#99]", 12)


def test_a_letter_without_a_ticket_carries_no_tag_of_a_stranger():
    assert tagged("Was this you? [#99]", None) == "Was this you?"
    assert tag(None) == ""


def test_a_wall_of_prefixes_is_stripped_in_no_time():
    start = time.process_time()

    base("Re: " * 1_000_000)
    base("Re " * 1_000_000)
    base("[#1" * 1_000_000)

    assert time.process_time() - start < 1
