# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile neighbors and a poor machine can do, and what they cannot."""
from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import time

import pytest

from confs import HEAD
from lab import Ferro, Lab, LabError, Node, wait_until
from speaker import NOTIFICATION, Speaker, plain_attributes, update

RANGE = HEAD + """log file /var/log/frr/bgpd.log
router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor G peer-group
 neighbor G remote-as external
 bgp listen limit 1000
 bgp listen range 192.168.0.0/16 peer-group G
 bgp listen range 10.7.0.0/16 peer-group G
"""
DESCRIPTORS = 60
CALLERS = 90


@pytest.fixture
def caller(lab: Lab, r1: Ferro) -> Node:
    node = lab.add(Node, "caller")
    lab.cable(r1, node)
    node.sh("ip addr add 192.168.1.2/24 dev eth0; ip route add local 10.7.0.0/16 dev lo")
    return node


def cpu_seconds(r1: Ferro) -> float:
    assert r1.daemon
    fields = pathlib.Path(f"/proc/{r1.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def call(node: Node, source: str) -> socket.socket:
    with node.network():
        s = socket.socket()
        s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
        s.bind((source, 0))
        s.settimeout(5)
        s.connect(("192.168.1.1", 179))
    return s


def test_out_of_descriptors(r1: Ferro, caller: Node) -> None:
    """Accepting waits instead of spinning, and goes on when there are some again."""
    r1.begin(RANGE, "--limit-fds", str(DESCRIPTORS))
    r1.sh("ip route add 10.7.0.0/16 via 192.168.1.2")
    callers = [call(caller, f"10.7.1.{n + 1}") for n in range(CALLERS)]
    r1.await_logged("cannot accept BGP connections: Too many open files")
    used = cpu_seconds(r1)
    time.sleep(3)
    assert cpu_seconds(r1) - used < 1
    assert r1.logged().count("cannot accept") < 10
    for s in callers:
        s.close()
    with contextlib.closing(Speaker.session(caller, "192.168.1.1", seconds=30)):
        r1.await_established("192.168.1.2")


LIMITED = RANGE.replace(" bgp listen range 10.7.0.0/16 peer-group G\n", "") + """ address-family ipv4 unicast
  neighbor G maximum-prefix 1{restart}
"""


def exceed(r1: Ferro, caller: Node) -> None:
    """One too many: it is told so, and is down."""
    speaker = Speaker.session(caller, "192.168.1.1")
    speaker.send(update(plain_attributes(), ("10.1.0.0/24", "10.2.0.0/24")))
    assert speaker.await_kind(NOTIFICATION).error == (6, 1)
    speaker.close()
    wait_until(lambda: "Idle (PfxCt)" in r1.show("show bgp summary"), "it is down", 10)


def is_refused(caller: Node) -> bool:
    try:
        Speaker.session(caller, "192.168.1.1", seconds=2).close()
    except (LabError, OSError):
        return True
    return False


def test_a_caller_beyond_its_limit_is_not_forgotten(r1: Ferro, caller: Node) -> None:
    """It cannot come back at once and do the same again: that takes a `clear`."""
    r1.begin(LIMITED.format(restart=""))
    exceed(r1, caller)
    assert is_refused(caller)
    r1.shell("clear bgp 192.168.1.2")
    wait_until(lambda: "Idle (PfxCt)" not in r1.show("show bgp summary"), "forgotten", 10)
    exceed(r1, caller)
    r1.configure("router bgp 65001", "address-family ipv4 unicast", "neighbor G maximum-prefix 5")
    with contextlib.closing(Speaker.session(caller, "192.168.1.1")):
        r1.await_established("192.168.1.2")


def test_a_caller_comes_back_after_the_restart_interval(r1: Ferro, caller: Node) -> None:
    r1.begin(LIMITED.format(restart=" restart 1"))
    exceed(r1, caller)
    began = time.monotonic()
    assert is_refused(caller)
    with contextlib.closing(Speaker.session(caller, "192.168.1.1", seconds=90)):
        assert time.monotonic() - began > 50
        r1.await_established("192.168.1.2")


def test_an_expression_that_never_ends(r1: Ferro, caller: Node) -> None:
    """It costs some milliseconds a path, whatever the path."""
    r1.begin(RANGE)
    with contextlib.closing(Speaker.session(caller, "192.168.1.1")) as speaker:
        path = (65002, *range(100000, 100060))
        speaker.send(update(plain_attributes(path=path),
                            tuple(f"10.{n}.0.0/24" for n in range(40))))
        wait_until(lambda: "10.39.0.0" in r1.show("show ip bgp"), "the routes", 15)
        began = time.monotonic()
        r1.show("show ip bgp regexp ^(([0-9]+_?)+)+[xy]$")
        assert time.monotonic() - began < 3
        assert "10.39.0.0" in r1.show("show ip bgp regexp _100059$")
