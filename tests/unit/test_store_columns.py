"""What goes in comes out: text, instants, spans, JSON (T16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError
from store_helpers import KINDS, open_store

from helpdesk.store.columns import CleanLine, CleanText, Json, Key, Span, UtcTime, clean_line, clean_text

SAMPLE = Table(
    "sample",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", CleanText),
    Column("line", CleanLine),
    Column("key", Key),
    Column("at", UtcTime),
    Column("span", Span),
    Column("json", Json),
)


@pytest.fixture(scope="module", params=KINDS)
def desk(request, tmp_path_factory):
    with open_store(request.param, tmp_path_factory.mktemp("columns")) as store:
        with store.desk.write() as connection:
            SAMPLE.create(connection)
        yield store.desk


def round_trip(database, **values):
    (name,) = values
    with database.write() as connection:
        key = connection.execute(insert(SAMPLE).values(values)).inserted_primary_key
        return connection.scalar(select(SAMPLE.c[name]).where(SAMPLE.c.id == key[0]))


any_text = st.text(st.characters(categories=["L", "N", "P", "Z", "Cc", "Cf", "Cs", "Co", "So"]))


@settings(deadline=None)
@given(any_text)
def test_any_text_comes_back_clean(desk, value):
    """T16: NUL and lone surrogates become U+FFFD, everything else is kept."""
    stored = round_trip(desk, text=value)

    assert stored == clean_text(value)
    assert len(stored) == len(value)
    stored.encode()


def test_nul_and_surrogates_are_replaced_and_joiners_kept():
    assert clean_text("a\x00b\ud800c\u200dd\u202ee") == "a\ufffdb\ufffdc\u200dd\u202ee"


def test_a_subject_cannot_turn_the_reading_direction(desk):
    assert round_trip(desk, line="invoice\u202efdp.exe") == "invoicefdp.exe"
    assert clean_line("\u2067a\u2069") == "a"


@settings(deadline=None)
@given(st.recursive(any_text | st.integers() | st.booleans() | st.none(), st.lists, max_leaves=8))
def test_json_comes_back_clean(desk, value):
    stored = round_trip(desk, json={"value": value})["value"]

    if isinstance(value, str):
        assert stored == clean_text(value)
    else:
        assert type(stored) is type(value)


def test_json_keeps_a_backslash_that_looks_like_an_escape(desk):
    assert round_trip(desk, json=["\\u0000", "a\x00"]) == ["\\u0000", "a\ufffd"]


zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@settings(deadline=None)
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))  # noqa: DTZ001 - made aware
def test_an_instant_comes_back_as_the_same_instant_in_utc(desk, instant):
    stored = round_trip(desk, at=instant)

    assert stored == instant
    assert stored.tzinfo is UTC


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12))),
    ],
)
def test_a_mail_dated_at_the_edge_of_the_calendar_can_be_stored(desk, instant):
    assert round_trip(desk, at=instant).year == instant.year


def test_a_time_without_a_zone_is_refused(desk):
    with pytest.raises(StatementError, match="has no time zone"):
        round_trip(desk, at=datetime(2026, 3, 2))  # noqa: DTZ001 - the point


def test_stored_instants_sort_as_they_follow_each_other(desk):
    early = datetime(2026, 3, 2, 9, tzinfo=UTC)
    late = early + timedelta(microseconds=1)
    with desk.write() as connection:
        connection.execute(insert(SAMPLE), [{"at": late, "line": "sort"}, {"at": early, "line": "sort"}])
        query = select(SAMPLE.c.at).where(SAMPLE.c.line == "sort").order_by(SAMPLE.c.at)

        assert list(connection.scalars(query)) == [early, late]


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
@settings(deadline=None)
def test_a_span_comes_back(desk, span):
    assert round_trip(desk, span=span) == span


def test_a_very_long_key_is_short_and_still_its_own(desk):
    long = "<" + "x" * 20_000
    first, same, other = (round_trip(desk, key=key) for key in (long + "1>", long + "1>", long + "2>"))

    assert len(first) < 500
    assert first == same != other
