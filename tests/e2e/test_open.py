# SPDX-License-Identifier: GPL-2.0-or-later
"""What Ferro says, byte for byte, to a peer that misbehaves: OPEN faults, collisions, bad UPDATEs."""
from __future__ import annotations

import struct
from typing import Any, Iterator

import pytest

from confs import open_conf
from lab import Ferro, Lab, Node, holds, wait_until
from speaker import (END_OF_RIB, KEEPALIVE, MARKER, NOTIFICATION, OPEN, ROUTE_REFRESH, UPDATE, Listener,
                     Speaker, attribute, message, open_message, plain_attributes, split_attributes,
                     update)

FERRO = "192.168.1.1"
PEER = "192.168.1.2"
PASSIVE = f"neighbor {PEER} passive"


@pytest.fixture
def peer(lab: Lab, r1: Ferro) -> Node:
    """A machine with the peer's address and nothing that speaks."""
    node = lab.add(Node, "peer")
    lab.cable(r1, node)
    node.sh(f"ip addr add {PEER}/24 dev eth0")
    return node


@pytest.fixture
def session(r1: Ferro, peer: Node) -> Iterator[Speaker]:
    """An Established session in which Ferro did not call."""
    r1.begin(open_conf(PASSIVE))
    speaker = Speaker.session(peer, FERRO)
    r1.await_established()
    yield speaker
    speaker.close()


def notification_for(r1: Ferro, peer: Node, opening: bytes, conf: str | None = None) -> Any:
    """Sends an OPEN (or something else) as the first message; returns the NOTIFICATION's body."""
    r1.begin(conf or open_conf(PASSIVE))
    speaker = Speaker.connect(peer, FERRO)
    speaker.send(opening)
    got = speaker.await_kind(NOTIFICATION)
    speaker.await_closed()
    speaker.close()
    assert not r1.is_established()
    return got


def test_our_open(r1: Ferro, peer: Node) -> None:
    r1.begin(open_conf(PASSIVE, keepalive=10, hold=30))
    speaker = Speaker.connect(peer, FERRO)
    body = speaker.establish().body
    version, asn, hold, router_id, _ = struct.unpack(">BHH4sB", body[:10])
    assert (version, asn, hold, router_id) == (4, 65001, 30, bytes([192, 168, 1, 1]))
    for wanted in (b"\1\4\0\1\0\1", b"\2\0", b"\x41\4" + struct.pack(">I", 65001)):
        assert wanted in body[10:], f"capability {wanted!r}"
    speaker.close()


def test_our_update(session: Speaker) -> None:
    got = session.await_kind(UPDATE)
    while not got.body.endswith(b"\x18\x0a\xf4\x00"):
        got = session.await_kind(UPDATE)
    withdrawn, total = struct.unpack(">HH", got.body[:4])
    assert withdrawn == 0
    wanted = plain_attributes(next_hop=FERRO, path=(65001,)) + attribute(0x80, 4, bytes(4))
    assert split_attributes(got.body[4:4 + total]) == split_attributes(wanted)


FAULTS = {
    "version": (open_message(version=5), (2, 1), b"\0\4"),
    "peer-as": (open_message(asn=65099), (2, 2), None),
    "identifier-zero": (open_message(router_id="0.0.0.0"), (2, 3), None),
    "hold-time-1": (open_message(hold=1), (2, 6), None),
    "hold-time-2": (open_message(hold=2), (2, 6), None),
    "marker": (b"\0" * 16 + open_message()[16:], (1, 1), None),
    "length-18": (MARKER + struct.pack(">HB", 18, OPEN) + bytes(10), (1, 2), b"\0\x12"),
    "length-of-open": (MARKER + struct.pack(">HB", 28, OPEN) + bytes(9), (1, 2), b"\0\x1c"),
    "type-9": (message(9, bytes(10)), (1, 3), b"\x09"),
    "keepalive-first": (message(KEEPALIVE), (5, 1), None),
    "update-first": (update(), (5, 1), None),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_open_faults(r1: Ferro, peer: Node, fault: str) -> None:
    opening, error, data = FAULTS[fault]
    got = notification_for(r1, peer, opening)
    assert got.error == error
    if data is not None:
        assert got.body[2:] == data


def test_same_identifier_in_one_as(r1: Ferro, peer: Node) -> None:
    conf = open_conf(PASSIVE).replace("remote-as 65002", "remote-as 65001")
    got = notification_for(r1, peer, open_message(asn=65001, router_id=FERRO), conf)
    assert got.error == (2, 3)


def answer(r1: Ferro, peer: Node) -> None:
    """The peer listens from now on, and Ferro's call becomes a session."""
    listener = Listener(peer)
    speaker = listener.accept()
    speaker.establish()
    r1.await_established()
    speaker.close()
    listener.close()


def test_refused_port(r1: Ferro, peer: Node) -> None:
    """Nobody listens at the peer: Ferro stays down, tries again, and finds it once it is there."""
    r1.begin(open_conf(connect=1))
    wait_until(lambda: r1.state_of(PEER) in ("Active", "Connect", "Idle"), "a first try", 10)
    assert holds(lambda: not r1.is_established(), 2)
    answer(r1, peer)


def test_port_zero(r1: Ferro, peer: Node) -> None:
    """-p 0: Ferro does not listen, and its own calls still work."""
    r1.begin(open_conf(connect=1), "-p", "0")
    assert "179" not in r1.sh("ss -Hltn")
    answer(r1, peer)


def test_unknown_caller(r1: Ferro, peer: Node) -> None:
    """A caller that no neighbor statement names is turned away."""
    r1.begin(open_conf())
    peer.sh("ip addr add 192.168.1.77/24 dev eth0")
    speaker = Speaker.connect(peer, FERRO, source="192.168.1.77")
    try:
        speaker.send(open_message())
        speaker.await_closed()
    except (BrokenPipeError, ConnectionResetError):
        pass
    speaker.close()


@pytest.mark.parametrize("router_id, ours_survives", [("1.1.1.1", True), ("200.1.1.1", False)])
def test_collision(r1: Ferro, peer: Node, router_id: str, ours_survives: bool) -> None:
    """Both sides call at once: the connection that the higher identifier opened lives (RFC 4271, 6.8)."""
    listener = Listener(peer)
    r1.begin(open_conf(connect=1))
    called = listener.accept()
    called.await_kind(OPEN)
    calling = Speaker.connect(peer, FERRO)
    calling.send(open_message(router_id=router_id))
    called.send(open_message(router_id=router_id))
    survivor, loser = (called, calling) if ours_survives else (calling, called)
    got = loser.await_kind(NOTIFICATION)
    assert got.error == (6, 7)
    loser.await_closed()
    survivor.send(message(KEEPALIVE))
    survivor.await_kind(KEEPALIVE)
    r1.await_established()
    assert holds(r1.is_established, 2)
    called.close()
    calling.close()
    listener.close()


def test_hold_time_expires(session: Speaker) -> None:
    """Silence for the hold time of 9 s: NOTIFICATION 4, and keepalives came until then."""
    got = session.await_kind(NOTIFICATION, 15)
    assert got.error[0] == 4


def test_clear_says_administrative_reset(r1: Ferro, session: Speaker) -> None:
    r1.show("clear bgp *")
    assert session.await_kind(NOTIFICATION).error == (6, 4)


def test_clear_soft_in_asks_again(r1: Ferro, session: Speaker) -> None:
    r1.show(f"clear ip bgp {PEER} soft in")
    assert session.await_kind(ROUTE_REFRESH).body == b"\0\1\0\1"


def test_route_refresh_is_answered(r1: Ferro, session: Speaker) -> None:
    session.await_kind(UPDATE)
    wait_until(lambda: r1.is_established(), "up", 5)
    session.send(message(ROUTE_REFRESH, b"\0\1\0\1"))
    while not session.await_kind(UPDATE).body.endswith(b"\x18\x0a\xf4\x00"):
        pass


@pytest.mark.parametrize("command, error", [
    (("router bgp 65001", f"no neighbor {PEER}"), (6, 3)),
    (("router bgp 65001", f"neighbor {PEER} shutdown"), (6, 2)),
    (("no router bgp 65001",), (6, 3)),
], ids=["no neighbor", "shutdown", "no router bgp"])
def test_configuration_ends_the_session(r1: Ferro, session: Speaker, command: tuple[str, ...],
                                        error: tuple[int, int]) -> None:
    r1.configure(*command)
    assert session.await_kind(NOTIFICATION).error == error
    assert session.receive() is None


def test_bad_update_is_a_withdrawal(r1: Ferro, session: Speaker) -> None:
    """RFC 7606: an UPDATE with a bad ORIGIN takes its routes away and leaves the session."""
    prefixes = ("10.245.0.0/24", "10.245.1.0/24")
    session.send(update(plain_attributes(), prefixes) + END_OF_RIB)
    for prefix in prefixes:
        wait_until(lambda: r1.has_route(prefix, protocol="bgp"), f"{prefix} in the kernel", 10)
    bad = attribute(0x40, 1, b"\x07") + plain_attributes()[4:]
    session.send(update(bad, prefixes[1:]))
    wait_until(lambda: not r1.has_route(prefixes[1]), "the bad one is gone", 10)
    assert r1.has_route(prefixes[0])
    assert r1.is_established()


def test_update_that_cannot_be_read(session: Speaker) -> None:
    """A prefix of 33 bits cannot be skipped: Invalid Network Field ends the session."""
    session.send(message(UPDATE, struct.pack(">HH", 0, len(plain_attributes())) + plain_attributes()
                         + b"\x21\x0a\0\0\0\0"))
    assert session.await_kind(NOTIFICATION).error == (3, 10)


def test_own_as_is_not_accepted(r1: Ferro, session: Speaker) -> None:
    session.send(update(plain_attributes(path=(65002, 65001, 65003)), ("10.245.0.0/24",)))
    session.send(update(plain_attributes(path=(65002, 65003)), ("10.245.1.0/24",)))
    wait_until(lambda: r1.has_route("10.245.1.0/24"), "the good one", 10)
    assert not r1.has_route("10.245.0.0/24")


def test_hold_time_zero(r1: Ferro, peer: Node) -> None:
    """Hold time 0: no keepalives, and silence is no fault."""
    r1.begin(open_conf(PASSIVE))
    speaker = Speaker.session(peer, FERRO, hold=0)
    r1.await_established()
    assert holds(r1.is_established, 12, 1)
    speaker.close()


def test_peer_without_capabilities(r1: Ferro, peer: Node) -> None:
    """An old speaker: no optional parameter, two-octet AS numbers in AS_PATH."""
    r1.begin(open_conf(PASSIVE))
    speaker = Speaker.session(peer, FERRO, caps=b"")
    r1.await_established()
    path = attribute(0x40, 2, struct.pack(">BBHH", 2, 2, 65002, 23456))
    as4 = attribute(0xc0, 17, struct.pack(">BBI", 2, 1, 4200000001))
    rest = plain_attributes()
    speaker.send(update(rest[:4] + path + rest[-7:] + as4, ("10.245.0.0/24",)))
    (found,) = wait_until(lambda: r1.paths("10.245.0.0/24"), "the route", 10)
    assert found["aspath"]["string"] == "65002 4200000001"
    speaker.close()


def test_sigterm_says_goodbye(r1: Ferro, session: Speaker) -> None:
    """Cease on SIGTERM; the pid file and the kernel's routes go with the daemon."""
    session.send(update(plain_attributes(), ("10.245.0.0/24",)) + END_OF_RIB)
    wait_until(lambda: r1.has_route("10.245.0.0/24", protocol="bgp"), "the route", 10)
    assert (r1.run_dir / "bgpd.pid").exists()
    assert r1.end() == 0
    assert session.await_kind(NOTIFICATION).error[0] == 6
    assert not r1.has_route("10.245.0.0/24")
    assert not (r1.run_dir / "bgpd.pid").exists()


