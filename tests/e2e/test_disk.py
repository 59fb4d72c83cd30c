# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that takes seconds for an fsync: the shell waits for it, and nobody else does."""
from __future__ import annotations

import pathlib
import signal
import subprocess
import time
from typing import Iterator

import pytest

from confs import HEAD
from lab import Ferro, Lab, Node, Process, wait_until

HERE = pathlib.Path(__file__).resolve().parent
HOLD = 3
SLOW = 3.0

# Where the file is there, every fsync takes so long.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	if (access(getenv("SLOW_DISK"), F_OK) == 0)
		usleep((useconds_t)(atof(getenv("SLOW_FSYNC")) * 1e6));
	return real(fd);
}
"""

CONF = HEAD + """router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 192.168.1.2 remote-as 65004
 neighbor 192.168.1.2 passive
 address-family ipv4 unicast
  no neighbor 192.168.1.2 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor 192.168.1.2 activate
 exit-address-family
"""


class SlowDisk:
    def __init__(self, r1: Ferro, monkeypatch: pytest.MonkeyPatch) -> None:
        library = r1.dir / "slow.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"],
                       input=SHIM, text=True, check=True)
        self.file = r1.dir / "slow-disk"
        self.file.touch()
        monkeypatch.setenv("SLOW_DISK", str(self.file))
        monkeypatch.setenv("SLOW_FSYNC", str(SLOW))
        monkeypatch.setenv("LD_PRELOAD", str(library))
        r1.asan += ":verify_asan_link_order=0"
        r1.begin(CONF)
        monkeypatch.delenv("LD_PRELOAD")


@pytest.fixture
def disk(r1: Ferro, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk(r1, monkeypatch)
    yield slow
    slow.file.unlink(missing_ok=True)


class Idle:
    """A neighbor that notes when each KEEPALIVE came."""

    def __init__(self, lab: Lab, r1: Ferro) -> None:
        node = lab.add(Node, "idle")
        lab.cable(r1, node)
        node.sh("ip addr add 192.168.1.2/24 dev eth0")
        self.file = node.dir / "keepalives"
        self.process: Process = node.start(
            ["/usr/bin/python3", str(HERE / "idle_speaker.py"), "192.168.1.1", "192.168.1.2", "65004",
             str(HOLD), str(self.file)])
        r1.await_established("192.168.1.2")

    def worst(self, since: float) -> float:
        """Seconds between two of them, the time since the last one included; fails if anything but
        a KEEPALIVE came."""
        at = [float(line) for line in self.file.read_text().split("\n") if line]
        at = [t for t in at if t >= since] + [time.monotonic()]
        return max(b - a for a, b in zip(at, at[1:]))


def test_keepalives_do_not_wait_for_the_disk(lab: Lab, r1: Ferro, disk: SlowDisk) -> None:
    idle = Idle(lab, r1)
    since = time.monotonic() - HOLD / 3
    for lines in (["write"],
                  ["configure candidate", "hostname one", "commit"],
                  ["configure candidate", "hostname two", "commit confirmed 5"],
                  ["commit"],
                  ["rollback 1"]):
        began = time.monotonic()
        done = r1.shell(*lines)
        assert done.returncode == 0, done.stdout + done.stderr
        assert time.monotonic() - began >= SLOW, f"{lines} answered before the disk did"
    assert idle.worst(since) < HOLD / 3 + 1
    idle.process.signal(signal.SIGKILL)


def test_answers_come_when_it_is_on_the_disk(r1: Ferro, disk: SlowDisk) -> None:
    """Others are answered meanwhile, and see nothing of what is not real yet."""
    before = r1.conf.read_text()
    shell = r1.start([*r1.vtysh_argv(), "-c", "write"])
    time.sleep(SLOW / 3)
    began = time.monotonic()
    r1.show("show version")
    assert time.monotonic() - began < 1
    assert r1.conf.read_text() == before
    assert shell.exit_status(20) == 0
    assert r1.conf.read_text() != before
    confirmed = r1.start([*r1.vtysh_argv(), "-c", "configure candidate", "-c", "hostname later", "-c",
                          "commit confirmed 5"])
    time.sleep(SLOW / 3)
    assert "hostname later" not in r1.show("show running-config"), "the way back comes first"
    assert confirmed.exit_status(30) == 0
    assert "hostname later" in r1.show("show running-config")
    assert r1.shell("commit").returncode == 0


def test_killed_while_it_waits(r1: Ferro, disk: SlowDisk) -> None:
    """What was not answered is not there as a half: the old file, or the old configuration."""
    before = r1.conf.read_text()
    r1.start([*r1.vtysh_argv(), "-c", "write"])
    wait_until(lambda: (r1.etc / "frr.conf.new").exists(), "it is on its way", 10)
    assert r1.daemon
    r1.daemon.signal(signal.SIGKILL)
    r1.daemon.exit_status()
    assert r1.conf.read_text() == before
    disk.file.unlink()
    r1.begin(before)
    wait_until(lambda: r1.shell("write").returncode == 0, "it answers and saves", 20)
    assert not (r1.etc / "frr.conf.new").exists()


def test_an_end_waits_for_what_is_under_way(r1: Ferro, disk: SlowDisk) -> None:
    before = r1.conf.read_text()
    r1.start([*r1.vtysh_argv(), "-c", "write"])
    wait_until(lambda: (r1.etc / "frr.conf.new").exists(), "it is on its way", 10)
    assert r1.daemon
    assert r1.daemon.stop() == 0
    assert r1.conf.read_text() != before
