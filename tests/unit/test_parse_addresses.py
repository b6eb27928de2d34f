"""Addresses: what is shown and what is vouched for (T33, T34, R20)."""

from __future__ import annotations

import pytest

from helpdesk.parse.addresses import read_addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anne@customer.example", [("", "anne@customer.example")]),
        ("Anne <anne@Customer.EXAMPLE>", [("Anne", "anne@customer.example")]),
        ('"Smith, Anne" <anne@customer.example>', [("Smith, Anne", "anne@customer.example")]),
        ("anne@customer.example (Anne Smith)", [("Anne Smith", "anne@customer.example")]),
        ("=?utf-8?q?Ann=C3=A9?= <anne@customer.example>", [("Anné", "anne@customer.example")]),
        ('"=?utf-8?q?Ann=C3=A9?=" <anne@customer.example>', [("Anné", "anne@customer.example")]),
        ("a@b.example, c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example,, ,c@d.example,", [("", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@b.example, Cate <c@d.example>;", [("", "a@b.example"), ("Cate", "c@d.example")]),
        ('"bart@staff.example" <anne@customer.example>', [("bart@staff.example", "anne@customer.example")]),
        (
            "anne@customer.example <anne@customer.example>",
            [("anne@customer.example", "anne@customer.example")],
        ),
        ("<jürgen@müller.example>", [("", "jürgen@müller.example")]),
        ('<"a b"@customer.example>', None),
    ],
)
def test_addresses_are_read(text: str, expected: list[tuple[str, str]] | None) -> None:
    found = read_addresses(text)

    if expected is None:
        assert found.defect
        return
    assert [(a.name, a.address) for a in found.addresses] == expected
    assert not found.defect


@pytest.mark.parametrize(
    "text",
    [
        'dora@staff.example <"dora@staff.example"@evil.example>',
        "<anne@customer.example> <bart@staff.example>",
        "bart@staff.example <mallory@evil.example>",
        "bart@staff.example mallory@evil.example",
        "bart@staff.example, mallory@evil.example>",
        '"bart@staff.example',
        "<bart@staff.example",
        "bart@staff.example(",
        "<bart@@staff.example>",
        "<bart@staff.example@evil.example>",
        "<@evil.example:bart@staff.example>",
        "<bart(comment)@staff.example>",
        "<.bart@staff.example>",
        "<bart.@staff.example>",
        "<ba..rt@staff.example>",
        "<bart @staff.example>",
        "<bart@staff .example>",
        "<bart@-staff.example>",
        "<bart>",
        "Bart",
        "@",
        "bart@",
        "<@staff.example>",
        "<bart\x00@staff.example>",
        "<=?utf-8?q?bart?=@staff.example> <x@y.example>",
        "a <b <bart@staff.example>",
        "mailto:bart@staff.example",
    ],
)
def test_any_defect_proves_no_identity(text: str) -> None:
    """T34"""
    assert read_addresses(text).defect


def test_a_look_alike_letter_stays_another_letter() -> None:
    """T33"""
    (address,) = read_addresses("<оps@staff.example>").addresses

    assert address.address != "ops@staff.example"


def test_a_list_without_end_is_cut() -> None:
    found = read_addresses(", ".join(f"u{n}@x.example" for n in range(2000)))

    assert len(found.addresses) == 200
    assert found.defect
