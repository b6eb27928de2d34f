"""A template can do no harm, and whatever is wrong with it is told with line and suggestion (T11)."""

import time

import pytest

from helpdesk.render.sandbox import LARGEST_OUTPUT, Fault, Sandbox

KNOWN = ("text", "number", "customer_name", "cards")
VALUES = {"text": "{{7*7}}\nsecond", "number": 12, "customer_name": "Anne", "cards": 2}

HOSTILE = {
    "string times number": "{{ 'a' * 10**9 }}",
    "power": "{{ 9**9**9 }}",
    "nested loops": "{% for a in text %}{% for b in text %}{% for c in text %}x{% endfor %}{% endfor %}{% endfor %}",
    "range": "{{ range(10**9)|list }}",
    "lipsum": "{{ lipsum(n=100000) }}",
    "center": "{{ text|center(10**9) }}",
    "indent": "{{ text|indent(10**8) }}",
    "format": "{{ '%1000000000d'|format(1) }}",
    "replace": "{{ text|replace('', text) }}",
    "join": "{{ text|join(text) }}",
    "wordwrap": "{{ text|wordwrap(1, true, text) }}",
    "ljust": "{{ text.ljust(10**9) }}",
    "format method": "{{ '{:1000000000}'.format(1) }}",
    "doubling": "{% set a = text ~ text %}{% set a = a ~ a %}{{ a }}",
    "concat": "{{ text ~ text }}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "recursion": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "deep brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "deep if": "{% if number %}" * 1000 + "{% endif %}" * 1000,
    "many nots": "{{ " + "not " * 5000 + "number }}",
    "long chain": "{{ number" + " and number" * 3000 + " }}",
    "many digits": "{{ " + "9" * 5000 + " }}",
    "attribute": "{{ text.__class__.__mro__ }}",
    "item": "{{ text['__class__'] }}",
    "attr filter": "{{ text|attr('__class__') }}",
    "map": "{{ [text]|map('upper') }}",
    "tojson": "{{ text|tojson }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "extends": "{% extends 'x' %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "variable as argument": "{{ text|truncate(number) }}",
    "too large": "x" * 40_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_ends_with_a_clean_fault_in_no_time(source):
    """T11: twenty and more ways to hang or read along, all refused within two seconds."""
    start = time.process_time()
    with pytest.raises(Fault) as caught:
        Sandbox().compile(source, KNOWN).render(VALUES)

    assert time.process_time() - start < 2
    assert caught.value.what


def test_values_are_text_and_never_template_source():
    """T11: a customer's {{7*7}} arrives as text."""
    assert Sandbox().compile("{{ text }}", KNOWN).render(VALUES) == "{{7*7}}\nsecond"


def test_values_are_escaped_in_html():
    part = Sandbox().compile("<p>{{ customer_name }}</p>", KNOWN, html=True)

    assert part.render({**VALUES, "customer_name": "<b>&"}) == "<p>&lt;b&gt;&amp;</p>"


@pytest.mark.parametrize(
    ("source", "line", "what", "suggestion"),
    [
        ("one\n{{ custmer_name }}", 2, "there is no variable 'custmer_name'", "customer_name"),
        ("one\ntwo\n{% if number %}", 3, "Unexpected end of template", ""),
        ("{{ text|upperr }}", 1, "the filter 'upperr' is not allowed", "upper"),
        ("\n{% for x in text %}{% endfor %}", 2, "loops are not allowed", ""),
        ("{{ number() }}", 1, "calls are not allowed", ""),
    ],
)
def test_a_mistake_is_told_with_line_and_suggestion(source, line, what, suggestion):
    with pytest.raises(Fault) as caught:
        Sandbox().compile(source, KNOWN)

    assert (caught.value.line, caught.value.suggestion) == (line, suggestion)
    assert what in caught.value.what


def test_a_fault_while_rendering_names_its_line():
    part = Sandbox().compile("one\ntwo {{ cards - text }}\n", KNOWN, starts_at=3)

    with pytest.raises(Fault) as caught:
        part.render(VALUES)

    assert caught.value.line == 4


def test_output_is_cut_off_at_its_limit():
    part = Sandbox().compile("{{ text }}" * 100, KNOWN)

    with pytest.raises(Fault, match="larger than 256 KB"):
        part.render({**VALUES, "text": "x" * (LARGEST_OUTPUT // 50)})


def test_nothing_lists_and_quotations_are_shown_as_promised():
    part = Sandbox().compile("{{ number }}|{{ text }}|{{ text|bullets }}|{{ customer_name|quote }}", KNOWN)

    shown = part.render({"number": None, "text": ("a", "b"), "customer_name": "x\n\ny"})

    assert shown == "|a, b|- a\n- b|> x\n>\n> y"
