"""The chain of the journal is made of what the database gives back, on every store, whatever was written."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import select
from store_helpers import ANNE, NOW

from helpdesk.model.people import Address
from helpdesk.model.ticket import Rating, Status
from helpdesk.store import journal, proof, tickets
from helpdesk.store.chain import link
from helpdesk.store.journal import Line
from helpdesk.store.schema import JOURNAL

ODD = "a\u202eb\x00\ud800 ü 🦊"
LINE = Line(NOW, "created", ANNE.address, "a new mail", ("no tag", "no token"), None, "new")


def findings(connection):
    return [finding for stretch in proof.prove_all(connection) for finding in stretch.findings]


def test_the_form_of_a_link_never_changes():
    """Hashes lie in PIC's mailboxes: whoever changes the form must rehash every journal in a migration."""
    at = datetime(2026, 3, 2, tzinfo=UTC).isoformat()
    line = {"ticket": 1, "at": at, "event": "created", "by": "anne", "reason": "ü", "reasons": ["a"],
            "status_before": None, "status_after": "new", "changes": {"b": 1, "a": 2}}  # fmt: skip

    assert link("", line) == "580b044f32a420c71dbc1ab36ce6fccd2b4e6404f251d424c36c98e83f16053e"
    assert link("f" * 64, line) == "13be49a20647aea4834b07008f077a352c27828533dc5363480f58f10ca539d7"


def test_what_the_columns_clean_is_hashed_clean(store):
    with store.desk.write() as connection:
        east = NOW.astimezone(timezone(timedelta(hours=7)))
        changes = {"subject": ODD, "customer": Address(ODD, "anne@customer.example"), "tags": (ODD,)}
        line = Line(east, ODD, ODD, ODD, (ODD,), None, "new")
        tickets.create(connection, 1, {**changes, "fields": {ODD: [1, True, None, ODD]}}, east, [line])
        head = tickets.load(connection, 1).journal_head
        rating = {"rating": Rating(5, ODD, east), "status": Status.CLOSED}
        tickets.update(
            connection, 1, 1, rating, east, [Line(NOW, "rated", ODD, "", (), "new", "closed")], head
        )
        journal.write(connection, Line(east, ODD, ODD, ODD, (ODD,)))

        assert findings(connection) == []


def test_the_changes_of_a_decision_stand_on_its_first_line(store):
    with store.desk.write() as connection:
        tickets.create(connection, 1, {"subject": "hello", "customer": ANNE}, NOW, [LINE, LINE])
        head = tickets.load(connection, 1).journal_head
        tickets.update(connection, 1, 1, {"operator": "bart@staff.example"}, NOW, [LINE], head)

        changes = [row.changes for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.id))]
        assert changes[0]["subject"] == "hello"
        assert changes[1] == {}
        assert changes[2] == {"version": 2, "operator": "bart@staff.example", "updated_at": NOW.isoformat()}


def test_a_change_that_forgets_the_head_is_found(store):
    """Two nodes that both link to the same line would look like this."""
    with store.desk.write() as connection:
        tickets.create(connection, 1, {"subject": "hello", "customer": ANNE}, NOW, [LINE])
        tickets.update(connection, 1, 1, {}, NOW, [Line(NOW, "x", "desk", "", (), "new", "new")], head="")

        assert [finding.ticket for finding in findings(connection)] == [1]
