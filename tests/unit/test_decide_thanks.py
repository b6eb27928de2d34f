"""A plain word of thanks asks for nothing; anything that might ask for something is no plain thanks."""

import pytest

from helpdesk.decide.closing import is_plain_thanks
from helpdesk.model.mail import Attachment, Emptiness, InboundMail
from helpdesk.model.people import Address

ANNE = Address("Anne van Dijk", "anne@customer.example")


def thanks(text, **more):
    empty = Emptiness.TEXT if text else Emptiness.EMPTY
    return is_plain_thanks(InboundMail(new_text=text, empty=empty, **more), ANNE)


@pytest.mark.parametrize(
    "text",
    ["", "Thanks", "THANKS!!!", "thank you so much :)", "Thank you!\n\nAnne van Dijk", "Terima kasih, Bu",
     "makasih banyak ya", "Ευχαριστώ", "Salamat po", "Danke schön", "Merci", "Gracias", "Спасибо большое"],
)  # fmt: skip
def test_these_are_thanks(text):
    assert thanks(text)


@pytest.mark.parametrize(
    "text",
    ["Thanks?", "Thanks, order 12", "Thanks but no", "Not good", "Zoe", "Thank you for nothing",
     "thanks " * 13, "Terima kasih, tapi rusak"],
)  # fmt: skip
def test_these_are_not(text):
    assert not thanks(text)


def test_thanks_with_an_attachment_says_more():
    assert not thanks("Thanks", attachments=(Attachment("a.png", "image/png", 9, inline=False, part=1),))
