# SPDX-License-Identifier: GPL-2.0-or-later
"""The two entry points and `make install`."""
from __future__ import annotations

import os
import pathlib
import re
import subprocess
from typing import Iterator

import pexpect
import pytest

from lab import BUILD, TOP, host, wait_until


def test_make_install(tmp_path: pathlib.Path) -> None:
    """Everything lies where FRR's things lie."""
    host("make", "-s", "-C", str(BUILD), "install", f"DESTDIR={tmp_path}")
    for name in ("usr/sbin/bgpd", "usr/bin/vtysh", "usr/share/man/man8/bgpd.8",
                 "usr/share/man/man1/vtysh.1", "usr/share/man/man5/frr.conf.5",
                 "usr/lib/systemd/system/ferro.service", "etc/frr", "var/log/frr"):
        assert (tmp_path / name).exists(), name
    reference = (tmp_path / "usr/share/doc/ferro/commands.md").read_text()
    assert "\nneighbor <A.B.C.D|X:X::X:X|WORD> timers connect (1-65535)\n" in reference
    assert "- `timers`: BGP per neighbor timers\n" in reference
    unit = (tmp_path / "usr/lib/systemd/system/ferro.service").read_text()
    assert "ExecStart=/usr/sbin/bgpd" in unit and "@" not in unit


class Start:
    """./start with a laboratory of its own, on the build that is tested."""

    def __init__(self, tmp_path: pathlib.Path) -> None:
        self.name = f"fe{os.getpid()}"
        self.state = tmp_path / "lab"
        arguments = (BUILD / ".configured").read_text().strip() if (BUILD / ".configured").exists() else ""
        self.env = os.environ | {"FERRO_LAB": self.name, "FERRO_LAB_DIR": str(self.state),
                                 "FERRO_BUILD": str(BUILD), "FERRO_CONFIGURE": arguments}

    def __call__(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(TOP / "start"), *words], env=self.env | env, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=180)

    def namespaces(self) -> list[str]:
        return [line for line in host("ip", "netns", "list").splitlines() if line.startswith(self.name)]


@pytest.fixture
def start(tmp_path: pathlib.Path) -> Iterator[Start]:
    made = Start(tmp_path)
    yield made
    if made.namespaces():
        made("down")


def test_start_and_down(start: Start) -> None:
    done = start()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BGP router identifier 192.168.1.1" in done.stdout
    assert " *>  10.245.0.0/24    192.168.1.2 " in done.stdout
    for prefix, gateway in (("10.245.0.0/24", "192.168.1.2"), ("10.244.0.0/24", "192.168.1.1")):
        line = rf"^{prefix} (nhid \d+ )?via {gateway} dev eth0 proto bgp metric 20"
        assert re.search(line, done.stdout, re.M), done.stdout

    second = start()
    assert second.returncode != 0
    assert "is up already" in second.stderr
    assert len(start.namespaces()) == 2

    down = start("down")
    assert down.returncode == 0
    assert not start.namespaces() and not start.state.exists()
    again = start("down")
    assert again.returncode != 0
    assert "no laboratory is up" in again.stderr


def test_start_at_a_terminal(start: Start) -> None:
    """The shell of r1 opens; the laboratory stays when it ends."""
    child = pexpect.spawn(str(TOP / "start"), env=start.env | {"TERM": "dumb"}, encoding="utf-8",
                          timeout=90, dimensions=(24, 80))
    child.expect_exact("r1# ")
    child.send("show ip bgp 10.245.0.0/24\r")
    child.expect_exact("65002")
    child.expect_exact("r1# ")
    child.send("exit\r")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    assert "./start down" in str(child.before)
    assert len(start.namespaces()) == 2


def test_start_leaves_no_half_laboratory(start: Start) -> None:
    """A start that is stopped in the middle removes what it has made."""
    running = subprocess.Popen([str(TOP / "start")], env=start.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(start.namespaces, "the first namespace", 60, 0.01)
    running.terminate()
    printed, _ = running.communicate(timeout=60)
    assert running.returncode != 0
    assert "has been removed" in printed
    assert not start.namespaces() and not start.state.exists()


def test_wrong_word(start: Start) -> None:
    done = start("frobnicate")
    assert done.returncode == 2
    assert "Usage: ./start" in done.stderr
