# SPDX-License-Identifier: GPL-2.0-or-later
"""Who does not read harms nobody: neither a neighbor nor a shell that stops delays the others or costs
more than a bounded amount of memory, and once they read again they miss nothing. A neighbor that
never reads again is given up (RFC 9687)."""
from __future__ import annotations

import json
import os
import pathlib
import socket
import struct
import time
from typing import Iterator

import pytest

from bulk import PER_SET, Keeper, announcement, prefix_name, prefix_number
from confs import star_conf
from lab import Ferro, Lab, Node, wait_until
from speaker import END_OF_RIB, Speaker, attribute, split_attributes

ROUTES = 60000
ROUNDS = 16  # times that the whole table is said anew: 16 MB if all of it was kept
STOP = float(os.environ.get("FERRO_SLOW", "8"))  # seconds without reading
BOUND = 8 << 20  # bytes that whoever does not read may cost, sanitizer's share included
LATE = 1.0  # seconds that a change may take to the others, but for waiting for a core
SMALL_BUFFER = 8192

CONF = star_conf(3)


@pytest.fixture
def nodes(r1: Ferro, lab: Lab) -> list[Node]:
    """Three machines around Ferro, which runs and keeps out of the kernel's tables."""
    made = lab.star(r1, 3)
    r1.asan = ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
    for number in range(3):
        r1.sh(f"ip addr add 192.168.{number + 1}.1/24 dev eth{number}")
    r1.begin(CONF, "-n")
    return made


def neighbor(nodes: list[Node], number: int, hold: int = 180, small: bool = False) -> Keeper:
    speaker = Speaker.spoke(nodes, number, hold)
    if small:
        speaker.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    return Keeper(speaker, min(hold / 3, 20))


@pytest.fixture
def three(nodes: list[Node]) -> Iterator[list[Keeper]]:
    """Who speaks, who listens, and who will stop to."""
    keepers = [neighbor(nodes, 0), neighbor(nodes, 1), neighbor(nodes, 2, small=True)]
    yield keepers
    for keeper in keepers:
        keeper.close()


def memory(r1: Ferro) -> int:
    """Bytes of bgpd that are resident."""
    assert r1.daemon
    pages = pathlib.Path(f"/proc/{r1.daemon.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def told(group: int, version: int, own: str) -> list[tuple[int, int, bytes]]:
    """The attributes that a neighbor must have for a group of routes: our AS in front, our address as
    next hop, no MED."""
    path = struct.pack(">BBIIII", 2, 4, 65001, 65002, 100000 + group, 200 + version)
    plain = attribute(0x40, 1, b"\0") + attribute(0x40, 2, path) + attribute(0x40, 3,
                                                                             socket.inet_aton(own))
    return split_attributes(plain + attribute(0xc0, 8, struct.pack(">HH", 65002, group % 1000)))


def is_right(keeper: Keeper, version: int, own: str) -> bool:
    """Has it the whole table in this version, and nothing else?"""
    routes = dict(keeper.table.routes)
    wanted = {g: told(g, version, own) for g in range(ROUTES // PER_SET)}
    read: dict[bytes, list[tuple[int, int, bytes]]] = {}
    if len(routes) != ROUTES:
        return False
    for i in range(ROUTES):
        got = routes.get(prefix_number(i))
        if got is None or read.setdefault(got, split_attributes(got)) != wanted[i // PER_SET]:
            return False
    return True


def has_version(keeper: Keeper, version: int) -> bool:
    """A quick look at the first and the last route."""
    found = [keeper.table.routes.get(prefix_number(i), b"") for i in (0, ROUTES - 1)]
    return all(struct.pack(">I", 200 + version) in f for f in found)


def queued(r1: Ferro) -> float:
    """Seconds that bgpd and our own threads were ready to run and had no core: a busy machine's share."""
    assert r1.daemon
    files = [pathlib.Path(f"/proc/{r1.daemon.pid}/schedstat"),
             *pathlib.Path("/proc/self/task").glob("*/schedstat")]
    return sum(int(f.read_text().split()[1]) for f in files) / 1e9


def latency(r1: Ferro, left: Keeper, right: Keeper, number: int) -> float:
    """Seconds that one more route takes from one to the other."""
    prefix = prefix_number(ROUTES + number)
    right.watch.add(prefix)
    start, waited = time.monotonic(), queued(r1)
    left.send(announcement(ROUTES + number, 1))
    wait_until(lambda: prefix in right.arrived, "the route", 60, 0.005)
    return right.arrived[prefix] - start - (queued(r1) - waited)


def test_stopped_readers(r1: Ferro, three: list[Keeper]) -> None:
    """While a neighbor and a shell do not read, the whole table changes again and again."""
    left, right, stopped = three
    left.send(announcement(0, ROUTES) + END_OF_RIB)
    wait_until(lambda: is_right(right, 0, "192.168.2.1") and is_right(stopped, 0, "192.168.3.1"),
               "the table", 60, 0.5)
    stopped.reading.clear()
    answer = r1.dir / "answer"
    shell = r1.start(["sh", "-c", " ".join(r1.vtysh_argv()) + f" -c 'show ip bgp json' |"
                      f" (sleep {STOP}; cat > {answer}) 2>/dev/null"])
    began, before, waited = time.monotonic(), memory(r1), []
    for version in range(1, ROUNDS + 1):
        left.send(announcement(0, ROUTES, version))
        wait_until(lambda: has_version(right, version), f"version {version}", 60, 0.1)
        waited += [latency(r1, left, right, version * 10 + k) for k in range(5)]
    assert max(waited) < LATE, waited
    time.sleep(max(0.0, STOP - (time.monotonic() - began)))
    grown = memory(r1) - before
    assert grown < BOUND, f"{grown} bytes"
    assert not stopped.closed and not has_version(stopped, ROUNDS)
    stopped.reading.set()
    extra = {prefix_number(ROUTES + v * 10 + k) for v in range(1, ROUNDS + 1) for k in range(5)}
    wait_until(lambda: extra <= stopped.table.routes.keys(), "the new routes", 60, 0.3)
    wait_until(lambda: has_version(stopped, ROUNDS), "the last version", 60, 0.3)
    for keeper, own in ((right, "192.168.2.1"), (stopped, "192.168.3.1")):
        for prefix in extra:
            keeper.table.routes.pop(prefix)
        assert is_right(keeper, ROUNDS, own)
        assert keeper.table.end_of_ribs == 1
    assert shell.exit_status(60) == 0
    shown = json.loads(answer.read_text())["routes"]
    assert {prefix_name(i) for i in range(ROUTES)} <= shown.keys()


def test_never_reads_again(r1: Ferro, nodes: list[Node]) -> None:
    """Two hold times without progress, and a session ends with NOTIFICATION 8, though KEEPALIVEs come;
    one that reads a little now and then stays."""
    left, slow, stuck = neighbor(nodes, 0), neighbor(nodes, 1, 3, True), neighbor(nodes, 2, 3, True)
    for keeper in (slow, stuck):
        keeper.reading.clear()
    for version in range(ROUNDS):
        left.send(announcement(0, ROUTES, version))
        _sip(slow)
    start = time.monotonic()
    while r1.is_established("192.168.3.2"):
        assert time.monotonic() - start < 20
        _sip(slow)
        time.sleep(0.3)
    assert r1.is_established("192.168.2.2") and r1.is_established("192.168.1.2")
    shown = r1.show_json("show bgp neighbors 192.168.3.2")["192.168.3.2"]
    assert shown["lastErrorCodeSubcode"] == "0800"
    assert shown["lastNotificationReason"].startswith("Send Hold Timer Expired")
    assert "192.168.3.2(Unknown) has not made any SendQ progress for 2 holdtimes (6s)" in r1.logged()
    stuck.reading.set()
    wait_until(lambda: stuck.closed, "the end of the session", 30)
    for keeper in (left, slow, stuck):
        keeper.close()


def _sip(keeper: Keeper) -> None:
    """Reads a little, past the keeper."""
    keeper.speaker.socket.settimeout(1)
    keeper.speaker.socket.recv(SMALL_BUFFER * 2)
