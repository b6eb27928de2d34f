"""The listener's readers without a socket: the end of data, addresses, the trace, the caps (R1, R4, R10, T9, T19)."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.wire.smtp_data import DataReader, Verdict
from helpdesk.wire.smtp_keeping import SPILL, Keeping, with_crlf
from helpdesk.wire.smtp_paths import BadBytes, BadParameters, BadPath, read_argument, read_path
from helpdesk.wire.smtp_sessions import network_of

WIRE = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.\r\n", b"a", b"bcd", b"\0"])).map(
    b"".join
)


def read(pieces: list[bytes], max_size: int = 1000, max_line: int = 10) -> tuple[Verdict, bytes, bytes, bool]:
    reader = DataReader(max_size, max_line)
    rest = b""
    for piece in pieces:
        rest += piece if reader.done else reader.feed(piece)
    content = reader.kept.with_head(b"", b"") if reader.done else b""
    reader.close()
    return reader.verdict, content, rest, reader.done


@given(WIRE, st.lists(st.integers(0, 60)), st.integers(0, 30))
def test_a_message_is_the_same_however_it_is_cut(data, cuts, max_size):
    """R1: whole, byte by byte, or cut anywhere."""
    data += b"\r\n.\r\nTAIL"
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]

    whole = read([data], max_size)
    assert read(pieces, max_size) == whole
    assert read([bytes([byte]) for byte in data], max_size) == whole


@given(WIRE)
def test_the_end_is_where_a_plain_search_finds_it(data):
    """R1: the oracle is one line."""
    end = (b"\r\n" + data).find(b"\r\n.\r\n")

    _, _, rest, done = read([data])
    assert done == (end >= 0)
    assert rest == (data[end + 3 :] if done else b"")


@given(WIRE)
def test_what_is_stored_has_only_crlf_line_ends(data):
    """T9."""
    stored = with_crlf(data)

    assert stored.count(b"\r") == stored.count(b"\n") == stored.count(b"\r\n")
    assert with_crlf(stored) == stored
    assert stored.replace(b"\r\n", b"") == data.replace(b"\r", b"").replace(b"\n", b"")


def test_line_ends_of_broken_gateways_stay_single():
    assert with_crlf(b"A: b\r\r\nC: d\ne\rf\r\n") == b"A: b\r\nC: d\r\ne\r\nf\r\n"


@pytest.mark.parametrize("unit", [b"\r", b"\n", b"\r\r\n", b".", b"\r\n.", b"a"])
def test_hostile_data_costs_linear_time(unit):
    """F5c."""
    data = unit * (8_000_000 // len(unit))
    began = time.process_time()
    reader = DataReader(10_000_000)
    for at in range(0, len(data), 65536):
        reader.feed(data[at : at + 65536])
    reader.feed(b"\r\n.\r\n")
    reader.kept.with_head(reader.kept.head(), reader.kept.head())
    reader.close()

    assert time.process_time() - began < 3


@given(st.binary(max_size=40))
def test_an_address_reader_never_fails_in_a_way_of_its_own(noise):
    """F5i: a stranger's bytes end in one of three named answers."""
    try:
        argument = read_argument(b"FROM:", b"FROM:<" + noise)
    except (BadPath, BadBytes, BadParameters):
        return

    assert argument is not None
    assert "\r" not in argument.path.address
    assert "\n" not in argument.path.address


@pytest.mark.parametrize(
    ("inside", "address"),
    [
        (b"Anne@Customer.EXAMPLE", "Anne@customer.example"),
        (b'"anne"@customer.example', "anne@customer.example"),
        (b'"a\\nne"@customer.example', "anne@customer.example"),
        (b'"an ne"@customer.example', '"an ne"@customer.example'),
        (b'"anne@x"@customer.example', '"anne@x"@customer.example'),
        (b"@relay.example:anne@customer.example", "anne@customer.example"),
        (b"", ""),
    ],
)
def test_an_address_has_one_spelling(inside, address):
    assert read_path(inside).address == address


@pytest.mark.parametrize(
    "inside", ["help@des\u212a.example", "bar\u212a@staff.example", "\u202ehelp@desk.example"]
)
def test_a_disguised_address_is_none(inside):
    """T33: the Kelvin sign becomes an ASCII letter when it is normalised or lowered."""
    with pytest.raises(BadPath):
        read_path(inside.encode())


@pytest.mark.parametrize(
    "shape", [b"a" * 100_000, b'"' * 100_000, b"@a" * 50_000, b'"\\' * 50_000, b"a." * 50_000]
)
def test_long_addresses_cost_linear_time(shape):
    """T15."""
    began = time.process_time()
    with pytest.raises((BadPath, BadBytes)):
        read_path(shape)

    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("size", [0, 2 * SPILL])
@pytest.mark.parametrize(
    ("content", "head"),
    [
        (b"Received: a\r\n b\r\n\r\nReceived: d\r\n\r\n", b"Received: a\r\n b\r\n"),
        (b"\r\nReceived: a\r\n\r\n", b""),
        (b"Subject: a\r\n", b"Subject: a\r\n"),
        (b"X: " + b"x" * 65531 + b"\r\n\r\ny", b"X: " + b"x" * 65531 + b"\r\n"),
        (b"", b""),
    ],
)
def test_the_head_is_found_and_replaced_in_memory_and_in_a_file(tmp_path, content, head, size):
    """R4, R5: its end, and nothing of the body, wherever the message is kept."""
    content = content and content + b"z" * size
    kept = Keeping(tmp_path)
    for at in range(0, len(content), 1000):
        kept.add(content[at : at + 1000])

    assert kept.in_memory is (len(content) <= SPILL)
    found = kept.head()
    assert found == (content if found == content else head)
    for new in (b"", b"Y: y\r\n" * 1500, found):
        assert kept.with_head(new, found) == new + content.removeprefix(found)
    kept.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("unit", [b"\r", b"\r\r\n", b"\n", b"a\r\r\r\n", b"\r\r\r\r\r\na"])
@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_line_ends_are_the_same_however_the_message_is_cut(unit, step):
    """T9: a run of CRs that is cut in its middle."""
    content = unit * 30 + b"x\n"
    kept = Keeping()
    for at in range(0, len(content), step):
        kept.add(content[at : at + step])

    assert kept.with_head(b"", b"") == with_crlf(content)


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("local", "local"),
    ],
)
def test_a_network_is_an_ipv4_address_or_a_64(peer, network):
    """T19."""
    assert network_of(peer) == network
