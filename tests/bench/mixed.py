# SPDX-License-Identifier: GPL-2.0-or-later
"""Loads that mix, readers that stop, and how cost grows: for Ferro, and where it is fair for others.
"""
from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import Any, Callable

import arena
from arena import BenchError
from daemons import Daemon, FrrLike, Setup, vty_ask
from load import Load, Result
from scenarios import Context, loading, percentiles, running

SHELLS = 50
STORM_FIRST = 100  # the storm's speakers are neighbors from this one on


# ---- everything at once ----

class Worker(threading.Thread):
    """Does something again and again until it is told to stop, and keeps the times."""

    def __init__(self, work: Callable[[], object], pause: float) -> None:
        super().__init__(daemon=True)
        self.work, self.pause = work, pause
        self.ms: list[float] = []
        self.error = ""
        self.done = threading.Event()

    def run(self) -> None:
        try:
            while not self.done.wait(self.pause):
                start = time.monotonic()
                self.work()
                self.ms.append((time.monotonic() - start) * 1e3)
        except (BenchError, OSError, subprocess.SubprocessError) as e:
            self.error = str(e)


def shell_worker(daemon: FrrLike, n: int) -> Worker:
    """49 ask small things; one walks the table."""
    commands = ["show ip bgp summary", "show ip bgp 8.8.8.8", "show version",
                "show ip bgp neighbors 10.99.64.2"]
    line = commands[n % len(commands)] if n else "show ip bgp statistics"
    s = daemon.vty()
    return Worker(lambda: vty_ask(s, line), 0.5 + n / 100)


def commit_worker(daemon: FrrLike) -> Worker:
    s = daemon.vty()
    count = [0]

    def commit() -> None:
        count[0] += 1
        n = (count[0] - 1) // 2 % 200
        word = "" if count[0] % 2 else "no "
        for line in ("configure terminal", "router bgp 65000", "address-family ipv4 unicast",
                     f"{word}network 10.200.{n}.0/24", "end"):
            if answer := vty_ask(s, line):
                raise BenchError(f"{line}: {answer.decode(errors='replace').strip()}")

    return Worker(commit, 0.05)


def dump_worker(daemon: FrrLike) -> Worker:
    def dump() -> None:
        subprocess.run(daemon.shell("show ip bgp json"), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True, timeout=120)
    return Worker(dump, 1.0)


class Storm(threading.Thread):
    """Sessions of other neighbors come and go all the time. They say nothing and judge nothing."""

    def __init__(self, seed: int, speakers: int) -> None:
        super().__init__(daemon=True)
        self.load = Load(None, seed, ipv4=1, senders=speakers, receivers=0, hold=9, timeout=60,
                         settle=0, first=f"10.99.64.{STORM_FIRST + 1}",
                         **{"as": 4200000000 + STORM_FIRST})
        self.speakers = speakers
        self.rounds = 0
        self.done = threading.Event()
        self.error = ""

    def run(self) -> None:
        try:
            while not self.done.is_set():
                for command in ("up", f"close 0 {self.speakers - 1}"):
                    self.load.tell(command)
                    self.load.finish(command)
                self.rounds += 1
        except BenchError as e:
            self.error = str(e)


def mixed(c: Context) -> None:
    """A table loads and churns (no silence is waited for: commits make updates of their own) while 50 shells ask, one dumps, one commits and sessions storm."""
    with running(c, Setup(STORM_FIRST + 20)) as daemon:
        assert isinstance(daemon, FrrLike)
        with loading(c, daemon, daemon.warm_up, ipv4=c.size(500000), receivers=3, hold=9,
                     foreign="10.200.0.0/16", settle=0) as load:
            load.phase("announce")
            load.stats()
            shells = [shell_worker(daemon, n) for n in range(SHELLS if not c.quick else 5)]
            commits, dumps = commit_worker(daemon), dump_worker(daemon)
            storm = Storm(c.seed, 20)
            everyone: list[Any] = [*shells, commits, dumps, storm]
            for w in everyone:
                w.start()
            try:
                c.add_phase("withdraw", load.phase("withdraw"))
                c.add_phase("announce", load.phase("announce"))
                c.add_phase("churn", load.phase(f"churn 500 {1 if c.quick else 15}"))
            finally:
                for w in everyone:
                    w.done.set()
                for w in everyone:
                    w.join(60)
                storm.load.close()
            errors = [w.error for w in everyone if w.error]
            if errors:
                raise BenchError(errors[0])
            c.add("storm", command_ms=percentiles([ms for w in shells[1:] for ms in w.ms]),
                  walk_ms=percentiles(shells[0].ms),
                  commit_ms=percentiles(commits.ms), dumps=len(dumps.ms), storms=storm.rounds,
                  keepalive_late_ms=load.stats()["keepalive_late_ms"])


def stall(c: Context) -> None:
    """The last of four receivers stops reading for a minute while routes change all the time.

    It is less than two hold times, after which Ferro gives a neighbor up that does not read (RFC 9687)."""
    seconds = 3 if c.quick else 60
    with running(c, Setup(5)) as daemon, \
            loading(c, daemon, daemon.warm_up_groups, ipv4=c.size(200000), receivers=4, hold=45) as load:
        load.phase("announce")
        c.add_phase("before", load.phase("churn 2000 3"))
        before = arena.memory_mb(daemon.pids(), "VmRSS")
        arena.reset_peak(daemon.pids())
        load.stats()
        load.tell(f"stall 4 {seconds}")
        for step in ("withdraw", "announce"):  # far more than any socket's buffer
            load.phase(step)
        c.add_phase("stalled", load.phase(f"churn 2000 {max(1, seconds - 10)}"))
        c.records[-1].update(growth_mb=arena.memory_mb(daemon.pids()) - before,
                             keepalive_late_ms=load.stats()["keepalive_late_ms"])
        time.sleep(10 if not c.quick else 3)
        c.add_phase("caught up", load.phase("settle"))


# ---- growth ----

def grow(c: Context, n: int, setup: Setup, options: dict[str, Any]) -> None:
    with running(c, setup, 120) as daemon:
        base = arena.memory_mb(daemon.pids())
        with loading(c, daemon, daemon.warm_up, **options) as load:
            p = load.phase("announce")
            # Every receiver hears every change: the generator must not be the one that is late.
            receivers = options.get("receivers", 1)
            churn = load.phase(f"churn {max(2, min(200, 20000 // receivers))} 2")
            c.add(f"{n}", n=n, cpu_s=p["cpu_s"], wall_s=p["done_s"], peak_mb=p["peak_mb"],
                  grown_mb=p["peak_mb"] - base, p99_ms=churn["latency_ms"]["p99"])


def routes(c: Context) -> None:
    for n in (10000, 40000, 160000, 640000, 2000000, 4000000):
        grow(c, n, Setup(2), {"ipv4": c.size(n)})


def peers(c: Context) -> None:
    for n in (10, 50, 250, 1000, 5000):
        grow(c, n, Setup(n + 1), {"ipv4": c.size(2000), "receivers": n})


SCENARIOS: dict[str, Callable[[Context], None]] = {
    "mixed": mixed, "stall": stall, "routes": routes, "peers": peers}
PARTS = {"ferro": {s: 1 for s in SCENARIOS}}
ONCE = ("mixed", "stall", "routes", "peers", "s4big", "limits")
