# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenarios S1 to S8, each once for one daemon. A step's record says: daemon, scenario, step,
wall_s, cpu_s, peak_mb (VmHWM of all its processes so far) and what else the step is about.
"""
from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import json
import os
import pathlib
import select
import subprocess
import threading
import time
from typing import Any, Callable, Iterator

import arena
from arena import BenchError
from daemons import DAEMONS, Bird, Daemon, FrrLike, Setup, bird_read, vty_ask
from load import Load, Result

ROOMS = ("bgpd/codec", "bgpd/peer", "bgpd/rib", "lib")
CORE_PREFIXES = 50000  # of check-instructions
SMALL_SAMPLES_MS = 5  # between two small commands while a dump runs


@dataclasses.dataclass
class Context:
    """One run of one daemon in one scenario."""

    daemon: str
    scenario: str
    seed: int
    scale: int = 1
    first: bool = True  # the first of its runs: steps that need not be repeated
    timeout: int = 120
    records: list[Result] = dataclasses.field(default_factory=list)

    @property
    def quick(self) -> bool:
        """A test of the benchmark, not a measurement."""
        return self.scale >= 100

    def size(self, n: int) -> int:
        return max(1, n // self.scale)

    def add(self, step: str, **values: Any) -> None:
        self.records.append({"daemon": self.daemon, "scenario": self.scenario, "step": step,
                             "scale": self.scale, "seed": self.seed, **values})

    def add_phase(self, step: str, p: Result) -> None:
        more = {k: p[k] for k in ("changes", "repeats", "echoes", "updates", "announced", "held",
                                  "bytes_received", "bytes_sent", "self_cpu_s", "latency_ms")
                if k in p}
        self.add(step, wall_s=p["done_s"], cpu_s=p["cpu_s"], peak_mb=p["peak_mb"],
                 rss_mb=p["rss_mb"], **more)


@contextlib.contextmanager
def running(c: Context, setup: Setup, seconds: float = 60) -> Iterator[Daemon]:
    net = arena.Net(neighbors=setup.kernel)
    daemon = DAEMONS[c.daemon](setup)
    try:
        daemon.start(seconds)
        yield daemon
    finally:
        daemon.stop()
        net.close()


@contextlib.contextmanager
def loading(c: Context, daemon: Daemon, warm_up: float, **options: Any) -> Iterator[Load]:
    load = Load(daemon, c.seed, timeout=c.timeout, router6=daemon.ipv6_hop, **options)
    try:
        up = load.phase("up")
        c.add("up", wall_s=up["done_s"], cpu_s=up["cpu_s"], peak_mb=up["peak_mb"])
        time.sleep(warm_up)
        yield load
    finally:
        load.close()


# ---- S1: one table, one sender, one receiver ----

def flap(c: Context, daemon: Daemon, load: Load, times: int) -> None:
    """The sender's session is lost and comes back. The peak of each flap is its own."""
    peaks = []
    for i in range(times):
        arena.reset_peak(daemon.pids())
        down = load.phase("close 0 0")
        back = load.phase("open")
        peaks.append(arena.memory_mb(daemon.pids()))
        if i == 0:
            c.add_phase("session lost", down)
            c.add_phase("session back", back)
    if times > 1:
        c.add("flaps", flaps=times, first_mb=peaks[0], last_mb=peaks[-1])


def flaps(c: Context) -> int:
    if c.quick:
        return 2
    return 10 if c.first and c.daemon in ("ferro", "bird") else 1


def s1(c: Context) -> None:
    with running(c, Setup(2)) as daemon, \
            loading(c, daemon, daemon.warm_up, ipv4=c.size(1000000)) as load:
        for step in ("announce", "withdraw"):
            c.add_phase(step, load.phase(step))
        c.add_phase("announce again", load.phase("announce"))
        c.add_phase("churn", load.phase(f"churn 1000 {1 if c.quick else 4}"))
        flap(c, daemon, load, flaps(c))


def s2(c: Context) -> None:
    with running(c, Setup(11)) as daemon, \
            loading(c, daemon, daemon.warm_up, ipv4=c.size(300000), senders=10) as load:
        for step in ("announce", "withdraw"):
            c.add_phase(step, load.phase(step))


def s3(c: Context) -> None:
    with running(c, Setup(51)) as daemon, \
            loading(c, daemon, daemon.warm_up_groups, ipv4=c.size(200000), receivers=50) as load:
        for step in ("announce", "withdraw"):
            c.add_phase(step, load.phase(step))


def mesh(c: Context, clients: int) -> None:
    with running(c, Setup(clients, mesh=True), 120) as daemon, \
            loading(c, daemon, daemon.warm_up_groups, mesh=clients, each=4) as load:
        c.add_phase("announce", load.phase("announce"))
        c.add_phase("client lost", load.phase("close 0 0"))
        c.add_phase("client returns", load.phase("open"))


def s4(c: Context) -> None:
    mesh(c, c.size(1000))


def s4big(c: Context) -> None:
    mesh(c, c.size(5000))


def s5(c: Context) -> None:
    with running(c, Setup(2, ipv6=True)) as daemon, \
            loading(c, daemon, daemon.warm_up, ipv4=c.size(500000), ipv6=c.size(200000)) as load:
        for step in ("announce", "withdraw"):
            c.add_phase(step, load.phase(step))


# ---- S6: into the kernel ----

def fib_prefixes() -> int:
    """IPv4 prefixes in the tables of the router's namespace."""
    text = arena.sh(*arena.Net.argv("cat", "/proc/net/fib_triestat"))
    return max(int(line.split()[1]) for line in text.splitlines() if "Prefixes:" in line)


def netlink_batch(count: int) -> float:
    """Seconds for the same number of routes by the bare netlink batch, with no daemon there."""
    net = arena.Net(neighbors=True)
    try:
        out = arena.sh(*arena.Net.argv(*machine("netlink", str(count), "10.99.64.1")))
    finally:
        net.close()
    return float(json.loads(out)["add_s"])


def machine(*args: str) -> list[str]:
    return [str(Load.program.parent / "machine"), *args]


class FibWatch(threading.Thread):
    """Sees when the first and the last route stand in the kernel's table."""

    def __init__(self, want: int) -> None:
        super().__init__(daemon=True)
        self.want, self.base = want, fib_prefixes()
        self.first = self.last = 0.0
        self.gone = False
        self.seen = 0

    def run(self) -> None:
        while not self.gone and self.seen < self.want:
            self.seen = fib_prefixes() - self.base
            self.first = self.first or (time.monotonic() if self.seen > 0 else 0)
            self.last = time.monotonic()
            time.sleep(0.01)


def s6(c: Context) -> None:
    count = c.size(200000)
    c.add("netlink", wall_s=netlink_batch(count))
    with running(c, Setup(2, kernel=True)) as daemon:
        with loading(c, daemon, daemon.warm_up, ipv4=count) as load:
            watch = FibWatch(count)
            cpu, start = arena.cpu_seconds(daemon.pids()), time.monotonic()
            watch.start()
            load.phase("announce")
            watch.join(c.timeout)
            watch.gone = True
            if watch.seen < count:
                raise BenchError(f"{watch.seen} of {count} routes in the kernel")
            c.add("install", wall_s=watch.last - start, cpu_s=arena.cpu_seconds(daemon.pids()) - cpu,
                  peak_mb=arena.memory_mb(daemon.pids()), first_to_last_s=watch.last - watch.first)
            load.phase("withdraw")
            arena.wait_until(lambda: fib_prefixes() <= watch.base, "routes leave the kernel", 60)


# ---- S7: dumps ----

class SmallCommands(threading.Thread):
    """A second shell that is open all the time and asks something small again and again."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(daemon=True)
        self.daemon_under_test = daemon
        self.ms: list[float] = []
        self.done = False

    def run(self) -> None:
        d = self.daemon_under_test
        if isinstance(d, FrrLike):
            s = d.vty()
            ask: Callable[[], object] = lambda: vty_ask(s, d.small[0])
        elif isinstance(d, Bird):
            s = d.control()
            ask = lambda: (s.sendall(b"show status\n"), bird_read(s))
        else:
            ask = lambda: d.ask(*d.small)
        while not self.done:
            start = time.monotonic()
            ask()
            self.ms.append((time.monotonic() - start) * 1e3)
            time.sleep(SMALL_SAMPLES_MS / 1e3)

    def finish(self) -> Result:
        self.done = True
        self.join(60)
        return percentiles(self.ms)


def percentiles(values: list[float]) -> Result:
    v = sorted(values)
    at = lambda share: v[round(share * (len(v) - 1))] if v else 0.0
    return {"n": len(v), "p50": at(0.5), "p99": at(0.99), "max": at(1.0)}


def dump(c: Context, daemon: Daemon, label: str, args: list[str], routes: int) -> None:
    pid, path = daemon.main_pid(), arena.WORK / "dump"
    before = arena.memory_mb([pid], "VmRSS")
    arena.reset_peak([pid])
    small = SmallCommands(daemon)
    small.start()
    cpu, start = arena.cpu_seconds(daemon.pids()), time.monotonic()
    with open(path, "wb") as out:
        subprocess.run(daemon.shell(*args), stdout=out, stderr=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL, timeout=c.timeout, check=False)
    wall = time.monotonic() - start
    waits = small.finish()
    c.add(label, wall_s=wall, cpu_s=arena.cpu_seconds(daemon.pids()) - cpu,
          growth_mb=arena.memory_mb([pid]) - before, bytes=path.stat().st_size, wait_ms=waits)
    if c.first:
        verify_dump(c.daemon, label, path, routes)
    path.unlink()


def verify_dump(daemon: str, label: str, path: pathlib.Path, routes: int) -> None:
    """FRR's forms only: the table names every route, the JSON is one valid document."""
    if daemon not in ("ferro", "before", "frr"):
        return
    if label.endswith("json"):
        if daemon != "frr":
            found = len(json.loads(path.read_bytes())["routes"])
        else:
            found = routes  # its json is a measure for others, not under test
    else:
        found = int(arena.sh("grep", "-c", "^ *\\*>", str(path)))
    if found != routes:
        raise BenchError(f"{label} of {daemon} shows {found} of {routes} routes")


def s7(c: Context) -> None:
    count = c.size(1000000)
    with running(c, Setup(2)) as daemon, \
            loading(c, daemon, daemon.warm_up, ipv4=count, hold=9) as load:
        load.phase("announce")
        load.stats()
        for label, args in daemon.dumps.items():
            dump(c, daemon, label, args, count)
        c.add("keepalives", late_ms=load.stats()["keepalive_late_ms"])


# ---- S8: start and the shell ----

def s8(c: Context) -> None:
    """FRR's syntax only."""
    neighbors, networks = 2000, 100000 // c.scale
    net = arena.Net(neighbors=False)
    daemon = DAEMONS[c.daemon](Setup(neighbors, networks=networks))
    assert isinstance(daemon, FrrLike)
    try:
        start = time.monotonic()
        daemon.launch()
        sock = daemon.dir / "bgpd.vty"

        def answers() -> bool:
            return sock.exists() and subprocess.run(
                daemon.shell("show ip bgp summary"), capture_output=True,
                timeout=c.timeout).stdout.count(b"\n") > neighbors

        arena.wait_until(answers, "the first command is answered", c.timeout, 0.005)
        c.add("start", wall_s=time.monotonic() - start, cpu_s=arena.cpu_seconds(daemon.pids()),
              peak_mb=arena.memory_mb(daemon.pids()), networks=networks)
    finally:
        daemon.stop()
        net.close()


def shell(c: Context) -> None:
    """`vtysh -c 'show version'`, start to end of the process."""
    with running(c, Setup(2)) as daemon:
        argv = daemon.shell("show version")
        quoted = " ".join(f"'{a}'" for a in argv)
        out = daemon.dir / "hyperfine.json"
        arena.sh("hyperfine", "-N", "--warmup", "20", "--runs", "100", "--export-json", str(out), quoted)
        r = json.loads(out.read_text())["results"][0]
        c.add("show version", wall_s=r["median"], mean_s=r["mean"])


# ---- the machine, and the core by itself ----

def by_room(profile: pathlib.Path, top: pathlib.Path) -> Result:
    """Instructions by folder of the sources, of a file of callgrind's. What stands above the counted
    functions is shown with all of it, and is passed over."""
    rooms: dict[str, float] = {}
    text = arena.sh("callgrind_annotate", "--auto=no", "--threshold=100", str(profile))
    for line in text.splitlines():
        count, _, where = line.strip().partition(" ")
        if not count.replace(",", "").isdigit() or ":" not in where or "(100.0%)" in where:
            continue
        name = where.rpartition("%)")[2].strip()
        room = next((r for r in ROOMS if name.removeprefix(f"{top}/").startswith(r + "/")),
                    "libraries")
        rooms[room] = rooms.get(room, 0) + int(count.replace(",", ""))
    return rooms


def limits(c: Context) -> None:
    """Nothing of a network: what one core, its memory and the kernel's loopback can do at all."""
    source = pathlib.Path(__file__).resolve().parent
    build = Load.program.parents[2]
    megabytes = c.size(200)
    seconds = json.loads(arena.sh(*machine("loopback", str(megabytes))))["seconds"]
    c.add("loopback", mb_per_s=megabytes / seconds)
    for size in (1, 100):
        c.add(f"read {size} MB", ns=json.loads(arena.sh(*machine("read", str(size))))["ns"])
    load = Load(None, c.seed, direct=True, ipv4=c.size(1000000))
    try:
        for command in ("up", "announce"):
            load.tell(command)
            p = load.finish(command)
        c.add("generator alone", wall_s=p["done_s"], cpu_s=p["self_cpu_s"])
    finally:
        load.close()
    done = subprocess.run([source / "check-instructions", "profile"], cwd=build, text=True,
                          capture_output=True, env={**os.environ, "srcdir": str(source.parents[1])})
    if done.returncode == 77:
        return  # no valgrind
    for step in ("announce", "withdraw"):
        rooms = by_room(build / f"callgrind.{step}", source.parents[1])
        c.add(f"instructions {step}", rooms={r: n / CORE_PREFIXES for r, n in rooms.items()})
    core = json.loads(arena.sh(str(build / "tests/bench/core"), str(c.size(1000000)), str(c.seed)))
    c.add("core", **core)


SCENARIOS: dict[str, Callable[[Context], None]] = {
    "s1": s1, "s2": s2, "s3": s3, "s4": s4, "s4big": s4big, "s5": s5, "s6": s6, "s7": s7, "s8": s8,
    "shell": shell, "limits": limits}
# Where a daemon takes part, and by what its tables are divided there: slow ones may be too slow.
PARTS: dict[str, dict[str, int]] = {
    "ferro": {s: 1 for s in SCENARIOS},
    "before": {s: 1 for s in ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8")},
    "bird": {s: 1 for s in ("s1", "s2", "s3", "s4", "s5", "s6", "s7")},
    "frr": {"s1": 1, "s2": 1, "s3": 1, "s4": 1, "s5": 1, "s6": 1, "s7": 1, "s8": 50, "shell": 1},
    "openbgpd": {"s1": 4, "s2": 20, "s3": 20, "s4": 4, "s5": 4, "s7": 10},
    "gobgp": {"s1": 20, "s2": 100, "s3": 100, "s4": 10, "s5": 20},
}
