"""What goes wrong is logged by kind and place, never by its words (T24)."""

import logging

from structlog.testing import capture_logs

from helpdesk.daemon.logs import _Bridge, hide_signatures, tell_errors_by_kind


def stumble():
    try:
        {}["a word of the mail"]
    except KeyError as error:
        raise ValueError("the password") from error


def test_an_error_is_told_by_its_kinds_and_the_way_there():
    try:
        stumble()
    except ValueError as error:
        event = tell_errors_by_kind(None, "", {"event": "order_failed", "exc_info": error})

    assert event["error"] == "ValueError from KeyError"
    assert event["at"][-1].endswith("stumble")
    assert "password" not in str(event)


def test_an_error_in_hand_is_found_by_itself():
    try:
        stumble()
    except ValueError:
        event = tell_errors_by_kind(None, "", {"event": "x", "exc_info": True})

    assert event["error"] == "ValueError from KeyError"


def test_a_signed_message_id_is_shown_without_its_signature():
    signed = f"7-ol53hmxds.{'0a' * 16}.6yw2sni54idiaf6h@desk.example"

    shown = hide_signatures(None, "", {"message_id": signed})["message_id"]

    assert shown == f"7-ol53hmxds.{'0a' * 16}@desk.example"


def test_a_stranger_s_message_id_is_shown_as_it_is():
    assert (
        hide_signatures(None, "", {"message_id": "x@customer.example"})["message_id"] == "x@customer.example"
    )


def test_what_a_library_logs_comes_without_its_values():
    record = logging.LogRecord("mail.log", logging.ERROR, "", 0, "%r said %r\nmore", ("anne", "secret"), None)

    with capture_logs() as events:
        _Bridge().emit(record)

    assert events == [
        {"action": "library", "logger": "mail.log", "event": "%r said %r", "log_level": "error"}
    ]
