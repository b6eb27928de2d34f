"""What each type of field takes, and how the desk writes it down."""

from datetime import UTC, datetime

import pytest

from helpdesk.decide.fieldtypes import check
from helpdesk.model.forms import FieldType, FormField
from helpdesk.testing.desk import policy

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("email", "Anne@Customer.Example", "Anne@customer.example"),
        ("email", "Anne <anne@customer.example>", "anne@customer.example"),
        ("email", "anne@customer.example <mailto:anne@customer.example>", "anne@customer.example"),
        ("email", "anne@customer", None),
        ("email", "anne at customer.example", None),
        ("email", "anne@customer.example, bob@customer.example", None),
        ("email", "anne@customer.example\nBcc: x@y.example", None),
        ("email", "аnne@customer.example", None),
        ("phone", "+62 (21) 555-1234", "+62215551234"),
        ("phone", "021.555.1234", "0215551234"),
        ("phone", "none", None),
        ("phone", "1234", None),
        ("integer", "4711", 4711),
        ("integer", "#4711", 4711),
        ("integer", "4.711", 4711),
        ("integer", "47.11", None),
        ("integer", "four", None),
        ("date", "2026-12-24", "2026-12-24"),
        ("date", "24/12/2026", "2026-12-24"),
        ("date", "24 Desember 2026", "2026-12-24"),
        ("date", "tomorrow", "2026-03-03"),
        ("date", "soon", None),
        ("choice", " m. ", "M"),
        ("choice", "XL", None),
        ("text", "  Anything.  ", "Anything."),
    ],
)
def test_an_answer_is_checked_and_written_down(kind: str, written: str, value: str | int | None) -> None:
    one = FormField("x", type=FieldType(kind), choices=("S", "M"))

    assert check(one, written, policy(), NOW, "id") == value
