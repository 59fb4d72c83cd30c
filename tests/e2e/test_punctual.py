# SPDX-License-Identifier: GPL-2.0-or-later
"""A keepalive is on time whatever else goes on: a neighbor with a hold time of 3 s sits beside all
that is big: tables that come and go, dumps, commits, policy that changes, a storm of shells.

The bound that the design asks for, 100 ms, is for a release build on a machine that is not busy with
anything else: FERRO_PUNCTUAL=0.1 with FERRO_BUILD of such a build sets it. The sanitizers' build on a
machine that runs other tests meanwhile gets a generous one.
"""
from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import time
from typing import Iterator

from bulk import Keeper, announcement, prefix_name, withdrawal
from confs import star_conf
from lab import Ferro, Lab, Node, Process, wait_until
from speaker import END_OF_RIB, Speaker

HERE = pathlib.Path(__file__).resolve().parent
ROUTES = int(os.environ.get("FERRO_PUNCTUAL_ROUTES", "200000"))
LATE = float(os.environ.get("FERRO_PUNCTUAL", "1.5"))
HOLD = 3
PATIENCE = 120

CONF = star_conf(3, "no bgp network import-check",
                 "address-family ipv4 unicast", " no neighbor 192.168.3.2 activate", "exit-address-family",
                 "address-family ipv6 unicast", " neighbor 192.168.3.2 activate", "exit-address-family")


class Idle:
    """The neighbor that is measured."""

    def __init__(self, node: Node) -> None:
        self.file = node.dir / "keepalives"
        self.process: Process = node.start(
            ["/usr/bin/python3", str(HERE / "idle_speaker.py"), "192.168.3.1", "192.168.3.2", "65004",
             str(HOLD), str(self.file)])

    def times(self) -> list[float]:
        """Arrivals; fails if anything but a KEEPALIVE came."""
        return [float(line) for line in self.file.read_text().split("\n") if line]

    def worst(self, since: float) -> float:
        """The longest time between two of them, the time since the last one included."""
        at = [t for t in self.times() if t >= since] + [time.monotonic()]
        return max(b - a for a, b in zip(at, at[1:]))


def shown(r1: Ferro, what: str, value: int) -> bool:
    peers = r1.show_json("show bgp ipv4 unicast summary").get("peers", {})
    return any(p.get(what) == value for p in peers.values())


def timed(name: str, idle: Idle, report: dict[str, float]) -> contextlib.AbstractContextManager[None]:
    @contextlib.contextmanager
    def measure() -> Iterator[None]:
        start = time.monotonic() - HOLD / 3
        yield
        time.sleep(HOLD / 3)
        report[name] = idle.worst(start) - HOLD / 3
    return measure()


def commits(r1: Ferro) -> None:
    """Statements that touch everything, and a file with thousands of new ones."""
    r1.configure("router bgp 65001", "bgp default local-preference 200")
    r1.configure("router bgp 65001", "bgp always-compare-med")
    r1.configure("router bgp 65001", "address-family ipv4 unicast", "neighbor 192.168.1.2 weight 7")
    networks = "".join(f" network 30.{i >> 8}.{i & 255}.0/24\n" for i in range(10000))
    r1.conf.write_text(CONF + networks)
    assert r1.daemon
    r1.daemon.signal(signal.SIGHUP)
    wait_until(lambda: r1.shell("show bgp ipv4 unicast 30.39.15.0/24").stdout.startswith("BGP routing"),
               "the networks of the file", PATIENCE)
    r1.conf.write_text(CONF)
    r1.daemon.signal(signal.SIGHUP)
    wait_until(lambda: "30.39.15.0" not in r1.show("show bgp ipv4 unicast 30.39.15.0/24"),
               "their end", PATIENCE)


def test_keepalives_are_on_time(r1: Ferro, lab: Lab) -> None:
    nodes = lab.star(r1, 3)
    r1.begin(CONF)
    idle = Idle(nodes[2])
    r1.await_established("192.168.3.2")
    left, right = (Keeper(Speaker.spoke(nodes, n), 20) for n in range(2))
    table = announcement(0, ROUTES)
    late: dict[str, float] = {}
    with timed("load", idle, late):
        left.send(table + END_OF_RIB)
        wait_until(lambda: len(right.table.routes) == ROUTES, "the table", PATIENCE, 0.3)
    with timed("dump", idle, late):
        dump = r1.run(r1.vtysh_argv("-c", "show ip bgp json"), seconds=PATIENCE).stdout
        assert prefix_name(ROUTES - 1) in dump
    with timed("commits", idle, late):
        commits(r1)
    with timed("soft clear", idle, late):
        r1.shell("clear bgp * soft in", "clear bgp * soft out")
        time.sleep(3)
    with timed("withdrawal and table at once", idle, late):
        left.send(withdrawal(0, ROUTES // 2) + announcement(0, ROUTES, 1))
        wait_until(lambda: len(right.table.routes) == ROUTES, "the table again", PATIENCE, 0.3)
    with timed("shells", idle, late):
        shells = [r1.start([*r1.vtysh_argv(), "-c", "show ip bgp"]) for _ in range(20)]
        for shell in shells:
            assert shell.exit_status(PATIENCE) == 0
    with timed("session lost", idle, late):
        left.close()
        wait_until(lambda: not right.table.routes, "its withdrawal", PATIENCE, 0.3)
    print("keepalives late by at most (s):", {k: round(v, 3) for k, v in late.items()})
    assert max(late.values()) < LATE, late
    right.close()
    idle.process.signal(signal.SIGKILL)
