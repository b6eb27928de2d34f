"""Which files go with an escalation (PROCEDURE A6)."""

from helpdesk.decide.carrying import MOST_BYTES, MOST_FILES, carry
from helpdesk.model.mail import Attachment


def file(name, size=1000, part=1, *, inline=False):
    return Attachment(name, "image/png", size, inline, part)


def test_the_files_of_every_mail_go_in_their_order():
    carried = carry([(1, [file("a", part=1), file("b", part=3)]), (4, [file("c")])])

    assert carried.attach == ((1, (1, 3)), (4, (1,)))
    assert (carried.names, carried.left_out) == (("a", "b", "c"), ())


def test_what_there_is_no_room_for_is_named_and_what_fits_after_it_goes():
    carried = carry([(1, [file("a", MOST_BYTES - 1000), file("b", 2048, 2), file("c", 1000, 3)])])

    assert carried.names == ("a", "c")
    assert carried.left_out == ("b (2 KB)",)


def test_no_more_than_so_many():
    carried = carry([(1, [file(str(n), part=n) for n in range(MOST_FILES + 2)])])

    assert len(carried.names) == MOST_FILES
    assert carried.left_out == ("20 (1 KB)", "21 (1 KB)")


def test_the_same_file_goes_once_and_pictures_of_the_text_stay():
    carried = carry([(1, [file("a"), file("logo", inline=True)]), (2, [file("a")])])

    assert carried.attach == ((1, (1,)),)


def test_a_mail_that_is_not_in_the_inbox_has_none():
    assert carry([(None, [file("a")])]).attach == ()
