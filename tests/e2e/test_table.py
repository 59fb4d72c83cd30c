# SPDX-License-Identifier: GPL-2.0-or-later
"""Larger tables, transit between two peers, choice of the best path, next hops that come and go."""
from __future__ import annotations

import signal
import time
from typing import Iterator

import pytest

from confs import open_conf, star_conf
from lab import Ferro, Lab, holds, wait_until
from peers import PEER, PEER_NETWORK, joined
from speaker import (END_OF_RIB, KEEPALIVE, UPDATE, Message, Speaker, attribute, message, plain_attributes,
                     prefix_bytes, split_attributes, update)

FERRO = "192.168.1.1"
SECOND = "192.168.2.2"
MANY = 5000
PER_UPDATE = 500

TWO_PEERS = star_conf(2)


@pytest.fixture
def peers(lab: Lab, r1: Ferro) -> Iterator[tuple[Speaker, Speaker]]:
    """Two established sessions: AS 65002 at eth0 and AS 65003 at eth1."""
    nodes = lab.star(r1, 2)
    r1.begin(TWO_PEERS)
    speakers = []
    for number, address in enumerate((PEER, SECOND)):
        speakers.append(Speaker.spoke(nodes, number))
        r1.await_established(address)
    yield speakers[0], speakers[1]
    for speaker in speakers:
        speaker.close()


def prefixes(count: int) -> list[str]:
    return [f"20.{i >> 8 & 255}.{i & 255}.0/24" for i in range(count)]


def nlri(got: Message) -> tuple[bytes, bytes, bytes]:
    """Withdrawn, attributes and announced of an UPDATE."""
    gone = int.from_bytes(got.body[:2], "big")
    length = int.from_bytes(got.body[2 + gone:4 + gone], "big")
    start = 4 + gone
    return got.body[2:2 + gone], got.body[start:start + length], got.body[start + length:]


def await_announced(speaker: Speaker, prefix: str) -> bytes:
    """Reads until the prefix is announced; returns its attributes."""
    while True:
        _, attributes, announced = nlri(speaker.await_kind(UPDATE, 20))
        if prefix_bytes(prefix) in announced:
            return attributes


def await_withdrawn(speaker: Speaker, prefix: str) -> None:
    while prefix_bytes(prefix) not in nlri(speaker.await_kind(UPDATE, 20))[0]:
        pass


def send_all(speaker: Speaker, names: list[str], attributes: bytes) -> None:
    for i in range(0, len(names), PER_UPDATE):
        speaker.send(update(attributes, tuple(names[i:i + PER_UPDATE])))


def kernel_count(r1: Ferro) -> int:
    return r1.sh("ip route show proto bgp").count("\n")


def test_transit(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """What one peer says reaches the other: our AS in front, our address as next hop, transitive
    attributes kept (an unknown one with the Partial bit), MED and unknown non-transitive ones not."""
    left, right = peers
    extra = (attribute(0x80, 4, (55).to_bytes(4, "big")) + attribute(0xc0, 8, b"\xfd\xea\0\7")
             + attribute(0xc0, 99, b"kept") + attribute(0x80, 98, b"gone"))
    left.send(update(plain_attributes(path=(65002, 65010)) + extra, ("20.0.0.0/24",)))
    got = split_attributes(await_announced(right, "20.0.0.0/24"))
    wanted = split_attributes(plain_attributes("192.168.2.1", (65001, 65002, 65010)))
    wanted += [(0xc0, 8, b"\xfd\xea\0\7"), (0xe0, 99, b"kept")]
    assert got == wanted
    left.send(update(withdraw=("20.0.0.0/24",)))
    await_withdrawn(right, "20.0.0.0/24")
    wait_until(lambda: not r1.has_route("20.0.0.0/24"), "gone from the kernel", 10)


def test_best_path_changes(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """The shorter AS path wins, the other takes over when it goes; the kernel follows."""
    left, right = peers
    left.send(update(plain_attributes(path=(65002, 65010, 65011)), ("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24", gateway=PEER), "the first path", 10)
    right.send(update(plain_attributes(SECOND, (65003, 65010)), ("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24", gateway=SECOND), "the better path", 10)
    best = [p for p in r1.paths("20.0.0.0/24") if p.get("bestpath", {}).get("overall")]
    assert [p["peer"]["peerId"] for p in best] == [SECOND]
    assert best[0]["bestpath"]["selectionReason"] == "AS Path"
    right.send(update(withdraw=("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24", gateway=PEER), "the first path again", 10)


def test_many_routes(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """Thousands of routes go through, are shown, and vanish with the session."""
    left, right = peers
    names = prefixes(MANY)
    send_all(left, names, plain_attributes())
    left.send(END_OF_RIB)
    await_announced(right, names[-1])
    wait_until(lambda: kernel_count(r1) == MANY, "all in the kernel", 60, 0.5)
    summary = r1.show_json("show bgp ipv4 unicast summary")
    assert summary["peers"][PEER]["pfxRcd"] == MANY
    assert summary["peers"][SECOND]["pfxSnt"] == MANY
    table = r1.show("show ip bgp")
    assert table.endswith(f"\nDisplayed {MANY} routes and {MANY} total paths\n")
    assert table.count(" 65002 i\n") == MANY
    assert set(r1.show_json("show ip bgp")["routes"]) == set(names)
    left.close()
    wait_until(lambda: kernel_count(r1) == 0, "none in the kernel", 60, 0.5)
    await_withdrawn(right, names[-1])


def test_slow_reader_harms_nobody(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """A shell that does not read its answer keeps neither sessions nor other shells waiting."""
    left, _ = peers
    send_all(left, prefixes(MANY), plain_attributes())
    wait_until(lambda: kernel_count(r1) == MANY, "all in the kernel", 60, 0.5)
    stuck = r1.start(["sh", "-c", " ".join(r1.vtysh_argv()) + " -c 'show ip bgp json' | sleep 30"])
    time.sleep(1)
    before = time.monotonic()
    assert r1.is_established(PEER) and r1.is_established(SECOND)
    assert time.monotonic() - before < 5
    stuck.signal(signal.SIGKILL)


def test_session_flaps_in_a_load(r1: Ferro, lab: Lab, peers: tuple[Speaker, Speaker]) -> None:
    """The peer goes away in the middle of its table and comes back at once with another one."""
    left, right = peers
    names = prefixes(MANY)
    send_all(left, names, plain_attributes())
    left.close()
    node = next(n for n in lab.nodes if n.name == "p0")
    again = Speaker.session(node, FERRO, hold=180)
    again.send(update(plain_attributes(path=(65002, 65077)), tuple(names[:100])))
    wait_until(lambda: kernel_count(r1) == 100, "just the new table in the kernel", 60, 0.5)
    assert r1.paths(names[0])[0]["aspath"]["string"] == "65002 65077"
    assert r1.is_established(SECOND)
    again.close()


def test_next_hop_of_another(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """A third-party next hop on the shared link is used; one that nothing leads to is not."""
    left, right = peers
    left.send(update(plain_attributes(next_hop="192.168.1.99"), ("20.0.1.0/24",)))
    wait_until(lambda: r1.has_route("20.0.1.0/24", gateway="192.168.1.99"), "third party", 10)
    left.send(update(plain_attributes(next_hop="172.31.0.1"), ("20.0.2.0/24",)))
    left.send(update(plain_attributes(), ("20.0.3.0/24",)))
    wait_until(lambda: r1.has_route("20.0.3.0/24"), "a later route", 10)
    assert not r1.has_route("20.0.2.0/24")


def test_link_down_and_up(lab: Lab, r1: Ferro) -> None:
    """An external session on a link ends with it at once, not after the hold time."""
    peer = joined(lab, r1, "bird")
    r1.begin(open_conf(keepalive=30, hold=90))
    peer.begin(hold=90)
    r1.await_established()
    wait_until(lambda: r1.has_route(PEER_NETWORK), "the route", 20)
    r1.link("eth0", "down")
    wait_until(lambda: not r1.is_established(), "the end", 5)
    assert not r1.paths(PEER_NETWORK)
    r1.link("eth0", "up")
    r1.await_established(seconds=60)
    wait_until(lambda: r1.has_route(PEER_NETWORK), "the route again", 20)


def test_reload_keeps_sessions(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """SIGHUP with the same file, then with one more network: no session notices the first."""
    left, right = peers
    left.send(update(plain_attributes(), ("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24"), "the route", 10)
    assert r1.daemon
    r1.daemon.signal(signal.SIGHUP)
    assert holds(lambda: r1.is_established(PEER) and r1.has_route("20.0.0.0/24"), 2)
    r1.conf.write_text(TWO_PEERS + " no bgp network import-check\n network 10.99.0.0/16\n")
    r1.daemon.signal(signal.SIGHUP)
    await_announced(left, "10.99.0.0/16")
    left.send(message(KEEPALIVE))
    neighbors = r1.show_json("show bgp neighbors")
    assert [neighbors[p]["connectionsDropped"] for p in (PEER, SECOND)] == [0, 0]


def test_foreign_change_is_repaired(r1: Ferro, peers: tuple[Speaker, Speaker]) -> None:
    """Somebody deletes our route from the kernel: the audit puts it back."""
    left, _ = peers
    left.send(update(plain_attributes(), ("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24"), "the route", 10)
    r1.sh("ip route del 20.0.0.0/24 proto bgp")
    wait_until(lambda: r1.has_route("20.0.0.0/24", gateway=PEER), "the repair", 70, 1)
