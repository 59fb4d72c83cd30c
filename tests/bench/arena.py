# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a measurement takes place: two network namespaces with a cable between them.

The whole benchmark runs in process, mount and network namespaces of its own (enter), with a private
/run. So nothing that it makes has a name outside, any number can run at once, and all of
it is gone when its first process ends, also when that is killed.
"""
from __future__ import annotations

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from typing import Callable

ROUTER, ROUTER6 = "10.99.0.1", "fd99::a63:1"
SPEAKERS = "10.99.64.0/18"  # 10.99.64.1 is the first speaker
WORK = pathlib.Path("/run/bench")
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """A measurement that did not work; the report shows its words."""


def sh(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise BenchError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def enter(script: str) -> None:
    """Starts `script` once more inside the namespaces, in place of this process."""
    if os.geteuid():
        sys.exit("bench: network namespaces need root")
    # unshare ends when the init of its namespace does, and takes it along when it is killed itself.
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL",
                          "--mount-proc", sys.executable, "-B", script, "--inside", *sys.argv[1:]])


def prepare() -> None:
    """Inside: a private /run for all files, as many descriptors as possible."""
    sh("mount", "-t", "tmpfs", "-o", "mode=755", "bench", "/run")
    WORK.mkdir()
    WORK.chmod(0o777)
    tempfile.tempdir = str(WORK)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sh("ip", "link", "set", "lo", "up")


class Net:
    """The namespace "router" and the cable to it. Every speaker's address is on this side."""

    def __init__(self, neighbors: bool) -> None:
        """neighbors: the router sees each speaker as a host on the link (for kernel routes);
        otherwise they are behind one, since the kernel's neighbor table is small."""
        sh("ip", "netns", "add", "router")
        sh("ip", "-n", "router", "link", "set", "lo", "up")
        sh("ip", "link", "add", "gen0", "type", "veth", "peer", "name", "dut0", "netns", "router")
        for where, dev, n in ((["-n", "router"], "dut0", 1), ([], "gen0", 2)):
            sh("ip", *where, "addr", "add", f"10.99.0.{n}/16", "dev", dev)
            sh("ip", *where, "addr", "add", f"fd99::a63:{n}/64", "dev", dev, "nodad")
            sh("ip", *where, "link", "set", dev, "up")
        sh("ip", "route", "add", "local", SPEAKERS, "dev", "lo")
        if not neighbors:
            sh("ip", "-n", "router", "route", "add", SPEAKERS, "via", "10.99.0.2")

    @staticmethod
    def argv(*argv: str) -> list[str]:
        return ["nsenter", "--net=/run/netns/router", *argv]

    def close(self) -> None:
        sh("ip", "route", "flush", "table", "local", SPEAKERS)
        sh("ip", "link", "del", "gen0")
        sh("ip", "netns", "del", "router")


def wait_until(check: Callable[[], object], what: str, seconds: float, step: float = 0.02) -> None:
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise BenchError(f"{what}: not within {seconds:g} s")
        time.sleep(step)


# ---- what the kernel says about processes ----

def proc(pid: int, name: str) -> str:
    return pathlib.Path(f"/proc/{pid}/{name}").read_text()


def alive(pid: int) -> bool:
    try:
        return proc(pid, "stat").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    return [int(c) for c in proc(pid, f"task/{pid}/children").split()]


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of all threads. schedstat counts nanoseconds, where the kernel has it."""
    total = 0.0
    for pid in pids:
        try:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0]) * 1e-9
        except FileNotFoundError:
            fields = proc(pid, "stat").rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / CLOCK_TICK
    return total


def memory_mb(pids: list[int], what: str = "VmHWM") -> float:
    """VmHWM: the peak; VmRSS: now. Megabytes (10^6), the sum over all processes."""
    total = 0
    for pid in pids:
        for line in proc(pid, "status").splitlines():
            if line.startswith(what + ":"):
                total += int(line.split()[1]) * 1024
    return total / 1e6


def reset_peak(pids: list[int]) -> None:
    for pid in pids:
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def listens(pid: int, port: int) -> bool:
    """Has the process's namespace a TCP socket that listens on the port?"""
    for name in ("net/tcp", "net/tcp6"):
        for line in proc(pid, name).splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return True
    return False
