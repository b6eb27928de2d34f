"""A form in a mail: label lines in many dresses, tables, and answers in the form that was sent; hostile input too."""

import time

import pytest

from helpdesk.model.forms import FieldType, Form, FormField
from helpdesk.parse.form import read_fields
from helpdesk.parse.html import html_to_text

FORM = Form(
    "order",
    fields=(
        FormField("email", ("E-mail", "Alamat email", "Ηλ. διεύθυνση"), FieldType.EMAIL, required=True),
        FormField("order", ("Order number", "Nomor pesanan"), FieldType.INTEGER, required=True),
        FormField("size", ("Size",), FieldType.CHOICE, choices=("S", "M")),
        FormField("message", ("Message", "Pesan")),
    ),
)
SENT = """thank you for your request.

E-mail: anne@customer.example
Order number:
Size:
Message:

As soon as we have it, we will get to work.
"""
QUOTED = "\n".join(f"> {line}".rstrip() for line in SENT.splitlines())


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Order number: 4711", "4711"),
        ("order NUMBER : 4711", "4711"),
        ("  - Order number: 4711", "4711"),
        ("* Order number: 4711", "4711"),
        ("2) Order number: 4711", "4711"),
        ("*Order number:* 4711", "4711"),
        ("**Order number**: 4711", "4711"),
        ("Order number (see the bill): 4711", "4711"),
        ("Order number* : 4711", "4711"),
        ("Order number\t4711", "4711"),
        ("Order number    4711", "4711"),
        ("| Order number | 4711 |", "4711"),
        ("Order number：4711", "4711"),
        ("Order number = 4711", "4711"),
        ("Order number?\n4711", "4711"),
        ("Nomor pesanan: 4711", "4711"),
        ("Order number: ______", None),
        ("My order number: 4711", None),
        ("The order number is 4711", None),
    ],
)
def test_a_label_is_found_however_it_is_dressed(line: str, value: str | None) -> None:
    assert read_fields(f"Hello,\n\n{line}\n\nAnne", FORM).get("order") == value


def test_a_value_goes_on_over_the_lines_below_it() -> None:
    text = "Message: first\nsecond\n\nthird\nOrder number: 4711\n"

    assert read_fields(text, FORM) == {"message": "first\nsecond\n\nthird", "order": "4711"}


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><td>E-mail</td><td>a@b.example</td></tr><tr><th>Nomor pesanan</th><td>4711</td></tr></table>",
        "<table><tr><th>E-mail</th><th>Order number</th></tr><tr><td>a@b.example</td><td>4711</td></tr></table>",
        "<p><b>E-mail:</b> a@b.example</p><p><b>Order number:</b> 4711</p>",
        "<ul><li>E-mail: a@b.example</li><li>Order number: 4711</li></ul>",
    ],
)
def test_a_html_form_is_read(source: str) -> None:
    assert read_fields(html_to_text(source), FORM) == {"email": "a@b.example", "order": "4711"}


@pytest.mark.parametrize(
    "reply",
    [
        QUOTED.replace("number:", "number: 4711"),
        QUOTED.replace("> Order number:", "> Order number:\n4711"),
        QUOTED.replace("> Order number:", "> Order number:\n\n4711\n"),
        f"Order number: 4711\n\n{QUOTED}",
        f"Order number: 4711\n\n{SENT}",
        SENT.replace("number:", "number: 4711"),
        QUOTED.replace("> Order number:", ">> Order number: 4711"),
    ],
)
def test_an_answer_is_found_in_the_form_that_was_sent(reply: str) -> None:
    """And nothing else: what only stands in the quotation was not said now."""
    assert read_fields(reply, FORM, SENT) == {"order": "4711"}


def test_own_words_come_before_the_quotation() -> None:
    reply = f"E-mail: new@customer.example\n\n{QUOTED}"

    assert read_fields(reply, FORM, SENT) == {"email": "new@customer.example"}


def test_free_text_above_the_quotation_is_no_answer() -> None:
    assert read_fields(f"I do not know the number, can you help?\n\n{QUOTED}", FORM, SENT) == {}


HOSTILE = {
    "labels": "Order number: 1\n",
    "open labels": "Order number:\n",
    "colons": ":" * 50,
    "bars": "| a ",
    "gaps": " " * 39 + "a",
    "quotes": "> " * 30,
    "brackets": "(" * 40,
    "stars": "*" * 60,
    "one long line": "Order number",
    "dots": "_." * 30,
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    """Twice the text may cost twice the time, never four times; judged by growth, not by seconds."""

    def cost(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        rounds = []
        for _ in range(5):
            begun = time.process_time()
            read_fields(text, FORM, text)
            rounds.append(time.process_time() - begun)
        return min(rounds)

    small, large = cost(8_000), cost(64_000)
    assert large < 8 * 3 * small + 0.02


@pytest.mark.parametrize(
    "text", ["", ">", "\x00", ":", "Order number:", "\ud800: x", "> \n" * 5000, "|" * 9999]
)
def test_nothing_makes_it_raise(text: str) -> None:
    assert read_fields(text, FORM) == {}
    assert read_fields(text, FORM, text) == {}
