"""HTML mails: readable text, quotation behind `>`, never slow (F4)."""

from __future__ import annotations

import time

import pytest

from helpdesk.parse.html import html_to_text
from helpdesk.parse.message import read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Hello <b>you</b></p><p>Bye</p>", "Hello you\n\nBye"),
        ("a<br>b", "a\nb"),
        ("<style>p{}</style><script>x()</script><p>seen</p>", "seen"),
        ("<!-- hidden --><p>seen</p>", "seen"),
        ("a &lt;b&gt; &eacute;", "a <b> é"),
        ('<?xml version="1.0" encoding="utf-8"?><p>x</p>', "x"),
        ("", ""),
        ("   ", ""),
        ("1 < 2", "1 < 2"),
        ("<p>never closed", "never closed"),
        ("<p>cut off <a href=", "cut off"),
    ],
)
def test_html_becomes_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>old words<br>more</blockquote>",
        '<div class="gmail_quote">old words<br>more</div>',
        '<div class="x"><blockquote type="cite"><p>old words</p>more</blockquote></div>',
    ],
)
def test_quoted_containers_are_quotation(quote: str) -> None:
    raw = f"Content-Type: text/html\r\n\r\n<html><body><p>My answer</p>{quote}</body></html>"

    mail = read(raw.encode())

    assert mail.new_text == "My answer"
    assert "> old words" in mail.text


BIG = {
    "nested divs": "<div>" * 100_000 + "x",
    "nested tables": "<table><tr><td>" * 3_000 + "x",
    "nested quotes": "<blockquote>" * 20_000 + "x",
    "open angles": "<" * 1_000_000,
    "comments": "<!--" * 200_000,
    "attributes": "<a " + " ".join(f"x{n}=1" for n in range(50_000)) + ">x</a>",
    "scripts": "<script" * 100_000,
    "spaces": " " * 300_000,
    "lines": "\n" * 300_000,
    "tabs": "a\t\n" * 100_000,
    "paragraphs": "<p>hello</p>" * 80_000,
    "colspan": "<table><tr><td colspan=1000000000>x</td></tr></table>",
    "padding": '<div style="padding-left:1000000000em;margin-top:100000000em">x</div>',
}


@pytest.mark.parametrize("kind", BIG)
def test_no_html_is_slow(kind: str) -> None:
    began = time.process_time()
    text = html_to_text(BIG[kind])

    assert time.process_time() - began < 2.0
    assert len(text) < 2_000_000
