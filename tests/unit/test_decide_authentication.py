"""R51-R55: whose word about a sender counts, and for which domain."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from helpdesk.decide.authentication import covers, judge
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.policy import Trust
from helpdesk.parse.message import read
from helpdesk.testing.desk import policy

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MX = "mx.desk.example"
STRICT = Trust(authserv_ids=(MX,), border=(MX, "*.inner.example"), own_servers=(ip_network("192.0.2.7/32"),))
POLICY = policy(trust=replace(STRICT, strips_forged=True))
STAMP = "Received: from mx by desk.example with LMTP; today\n"
BORDER = f"Received: from stranger.example by {MX} (Postfix) with ESMTP; today\n"
FOREIGN = "Received: from laptop by smtp.staff.example with ESMTPSA; today\n"
PASS = f"Authentication-Results: {MX}; dmarc=pass header.from=staff.example\n"
FAIL = PASS.replace("pass", "fail")


def verdict(head, sender="bart@staff.example", road=Road.LMTP, peer="192.0.2.7", by=POLICY):
    mail = read(f"{head}From: {sender}\nTo: help@desk.example\n\nHello".encode())
    return judge(mail, Arrival(raw=b"", road=road, received_at=NOW, peer=peer), by)


def says(field):
    return f"{STAMP}Authentication-Results: {MX}; {field}\n"


@pytest.mark.parametrize(
    "head",
    [STAMP + PASS, STAMP + BORDER + PASS, STAMP + PASS + BORDER, STAMP + BORDER + PASS + FOREIGN,
     f"{STAMP}Received: by a.inner.example\n{BORDER}{PASS}"],
)  # fmt: skip
def test_a_field_above_all_foreign_servers_is_believed(head):
    assert verdict(head).vouched == f"dmarc=pass by {MX} for staff.example"


@pytest.mark.parametrize(
    "below",
    [
        STAMP + BORDER + PASS,
        STAMP + BORDER + PASS + BORDER,
        f"{STAMP}Received: by a.inner.example\n{PASS}{BORDER}",
    ],
)
def test_below_a_received_of_our_servers_only_a_border_that_strips_is_believed(below):
    """A stranger's own field stands there, as a milter's does, and so may a Received in the border's name."""
    strict = policy(trust=STRICT)
    refused = verdict(below, by=strict)

    assert (refused.vouched, refused.logins) == (None, ())
    assert refused.unheard == verdict(below).vouched == f"dmarc=pass by {MX} for staff.example"
    assert verdict(STAMP + PASS + BORDER, by=strict).vouched
    assert verdict(PASS + BORDER, road=Road.IMAP, by=strict).vouched
    assert not verdict(BORDER + PASS, road=Road.IMAP, by=strict).vouched


def test_a_login_below_a_received_of_our_servers_is_no_proof_either():
    field = f"Authentication-Results: {MX}; auth=pass smtp.auth=bart@staff.example\n"

    assert verdict(STAMP + BORDER + field, by=policy(trust=STRICT)).logins == ()
    assert verdict(STAMP + field + BORDER, by=policy(trust=STRICT)).logins == ("bart@staff.example",)


def test_a_word_against_the_sender_counts_wherever_our_servers_write():
    """Who forges that harms nobody but themselves."""
    strict = policy(trust=STRICT)

    assert verdict(STAMP + BORDER + FAIL, by=strict).denied
    assert verdict(STAMP + PASS + BORDER + FAIL, by=strict).vouched  # the upper of two verdicts counts
    assert not verdict(STAMP + FOREIGN + FAIL, by=strict).denied


@pytest.mark.parametrize(
    "head",
    [PASS, STAMP + FOREIGN + PASS, STAMP + BORDER + FOREIGN + PASS, STAMP + FOREIGN + BORDER + PASS,
     STAMP + "Received: nonsense\n" + PASS, STAMP + PASS.replace(MX, "mx.google.com"),
     STAMP + PASS.replace(MX, f"evil.{MX}"), STAMP + "X: y\nno field\n" + PASS],
)  # fmt: skip
def test_a_field_of_the_senders_own_making_is_not(head):
    """R51: also the forged `mx.google.com; dmarc=pass`."""
    assert verdict(head).vouched is None


@pytest.mark.parametrize(
    ("peer", "believed"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),  # a listener on "::" hears IPv4 like this (RFC 4291 2.5.5.2)
        ("local", True),
        ("192.0.2.8", False),
        ("::ffff:192.0.2.8", False),
        ("", False),
    ],
)
def test_who_comes_past_the_border_vouches_for_nobody(peer, believed):
    assert bool(verdict(STAMP + BORDER + PASS, peer=peer).vouched) is believed


def test_a_balancer_vouches_for_nobody_though_it_is_one_of_the_own_servers():
    """It hands on what anybody says; only whom it names can be an own server."""
    head, mx = STAMP + BORDER + PASS, ip_network("192.0.2.0/24")
    behind = policy(
        trust=Trust(
            authserv_ids=(MX,),
            border=(MX,),
            own_servers=(mx,),
            proxies=(ip_network("192.0.2.5"),),
            strips_forged=True,
        )
    )

    assert verdict(head, peer="192.0.2.7", by=behind).vouched
    assert not verdict(head, peer="192.0.2.5", by=behind).vouched
    assert not verdict(head, peer="::ffff:192.0.2.5", by=behind).vouched


def test_in_a_mailbox_the_border_stands_on_top():
    assert verdict(BORDER + PASS, road=Road.IMAP, peer="").vouched
    assert not verdict(STAMP + BORDER + PASS, road=Road.IMAP, peer="").vouched


@pytest.mark.parametrize(
    ("field", "believed"),
    [
        ("dmarc=pass header.from=staff.example", True),
        ("dmarc=pass header.from=STAFF.example", True),
        ("dmarc=pass header.from=evil.example", False),
        ("dmarc=pass", False),
        ("dmarc=none header.from=staff.example", False),
        ("dmarc=bestguesspass header.from=staff.example", False),
        ("dkim=pass header.d=staff.example", True),
        ("dkim=pass header.i=@staff.example", True),
        ("dkim=pass header.i=bart@staff.example header.d=evil.example", False),
        ("dkim=pass header.d=sub.staff.example", False),
        ("dkim=pass header.d=example", False),
        ("dkim=pass header.d=fstaff.example", False),
        ("dkim=fail header.d=staff.example", False),
        ("dkim=pass header.d=evil.example; dkim=pass header.d=staff.example", True),
        ("spf=pass smtp.mailfrom=staff.example", True),
        ("spf=pass smtp.mailfrom=bart@staff.example", True),
        ("spf=pass smtp.mailfrom=bart@evil.example", False),
        ("spf=pass smtp.helo=staff.example", False),
        ("spf=softfail smtp.mailfrom=staff.example", False),
        ("arc=pass header.oldest-pass=0", False),
        ("iprev=pass policy.iprev=192.0.2.1", False),
        ("none", False),
    ],
)
def test_what_vouches_for_the_from_domain(field, believed):
    assert bool(verdict(says(field)).vouched) is believed


def test_a_parent_domain_speaks_for_its_children():
    assert verdict(says("dkim=pass header.d=staff.example"), "bart@mail.staff.example").vouched
    assert covers("a.b.example", "a.b.example")
    assert covers("b.example", "a.b.example")
    assert not any(covers(other, "a.b.example") for other in ("example", ".example", "", "x.a.b.example"))


def test_the_upper_of_two_verdicts_counts():
    """A border that leaves forged fields in has written its own above them."""
    assert verdict(STAMP + FAIL + PASS).denied == f"dmarc=fail by {MX} for staff.example"
    assert verdict(STAMP + PASS.replace("pass", "none") + PASS).vouched is None
    assert (
        verdict(says("spf=fail smtp.mailfrom=staff.example; spf=pass smtp.mailfrom=staff.example")).vouched
        is None
    )


def test_a_failure_outweighs_what_else_passes():
    failed = verdict(says("dmarc=fail header.from=staff.example; dkim=pass header.d=staff.example"))

    assert (failed.vouched, bool(failed.denied)) == (None, True)
    assert not verdict(says("dmarc=fail header.from=other.example")).denied
    assert verdict(says("dmarc=fail")).denied
    assert not verdict(STAMP + FOREIGN + FAIL).denied


def test_an_open_ended_signature_vouches_for_nothing():
    """R52."""
    signed = says("dmarc=pass header.from=staff.example; dkim=pass header.d=staff.example") + (
        "DKIM-Signature: v=1; d=staff.example; l=10; b=x\n"
    )

    assert verdict(signed).vouched is None
    assert verdict(signed.replace("; dkim", "; spf=pass smtp.mailfrom=staff.example; dkim")).vouched
    assert verdict(signed.replace("d=staff.example; l", "d=other.example; l")).vouched


@pytest.mark.parametrize(
    "sender",
    ["bart@staff.example, zoe@evil.example", "bart@staff.example\nFrom: zoe@evil.example", "bart@staff.example <zoe@x>",
     "bart@stаff.example", ""],
)  # fmt: skip
def test_an_unclear_from_has_no_verdict(sender):
    assert verdict(says("dmarc=pass header.from=staff.example"), sender).vouched is None


def test_a_login_is_told():
    assert verdict(says("auth=pass smtp.auth=Bart@staff.example")).logins == ("bart@staff.example",)
    assert verdict(says("auth=fail smtp.auth=bart@staff.example")).logins == ()
    assert verdict(says("auth=pass smtp.mailfrom=bart@staff.example")).logins == ()
