# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel room alone: tests/unit/kernel_driver stands where the RIB and the commands would."""
from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
from typing import Any, Iterator

import pytest

from lab import BUILD, Lab, Node, holds, sanitizer_env, wait_until

DRIVER = BUILD / "tests" / "unit" / "kernel_driver"
BULK = 100_000


class Driver:
    """A running driver; each call is one command and returns the lines of its answer."""

    def __init__(self, node: Node, *options: str) -> None:
        assert DRIVER.is_file(), f"{DRIVER} is missing: run ./check"
        self.node = node
        self.log = node.dir / "driver.log"
        with open(self.log, "ab") as log:
            self._popen = subprocess.Popen(
                node.argv([str(DRIVER), *options]), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True, env=node.env(sanitizer_env(node)))
        self._answer()

    def signal(self, number: int) -> None:
        """nsenter stands between us and the program, and stops when that stops."""
        own = self._popen.pid
        os.kill(int(pathlib.Path(f"/proc/{own}/task/{own}/children").read_text()), number)
        if number == signal.SIGCONT:
            os.kill(own, number)

    def _answer(self) -> list[str]:
        assert self._popen.stdout
        lines: list[str] = []
        while (line := self._popen.stdout.readline()) != ".\n":
            assert line, f"the driver ended: {self.log.read_text()}"
            lines.append(line.rstrip("\n"))
        return lines

    def __call__(self, *words: object) -> list[str]:
        assert self._popen.stdin
        print(*words, file=self._popen.stdin, flush=True)
        return self._answer()

    def state(self, prefix: str) -> str:
        return self("state", prefix)[0]

    def await_state(self, prefix: str, state: str) -> None:
        wait_until(lambda: self.state(prefix) == state, f"{prefix} is {state}", 15)

    def routes(self) -> list[str]:
        return self("routes")

    def await_route(self, line: str) -> None:
        wait_until(lambda: line in self.routes(), f"{line!r} in the table", 15)

    def end(self) -> None:
        """A clean end; what the sanitizers may find is in the exit status."""
        if self._popen.poll() is not None:
            return
        assert self._popen.stdin and self._popen.stdout
        print("quit", file=self._popen.stdin, flush=True)
        assert self._popen.wait(20) == 0
        self._popen.stdin.close()
        self._popen.stdout.close()

    def crash(self) -> None:
        self.signal(signal.SIGKILL)
        self._popen.wait(10)


@pytest.fixture
def node(lab: Lab) -> Node:
    made = lab.add(Node, "k1")
    made.stub("eth0", "eth1")
    made.sh("ip addr add 192.168.1.1/24 dev eth0")
    return made


@pytest.fixture
def driver(node: Node) -> Iterator[Driver]:
    made = Driver(node)
    made.await_route("C>* 192.168.1.0/24 [0/0] dev eth0")
    yield made
    made.end()
    assert not [r for r in node.routes() if r["protocol"] in ("bgp", "static")]
    assert not node.sh("ip nexthop show")


def route(node: Node, prefix: str) -> list[str]:
    """The kernel's lines for one prefix, next-hop ids left out."""
    family = "-6" if ":" in prefix else "-4"
    lines = node.sh(["ip", family, "route", "show", "exact", prefix]).splitlines()
    return [" ".join(w for w in line.split() if not w.isdigit() or len(w) < 7).replace("nhid ", "")
            for line in lines]


def test_interfaces_and_connected_routes(node: Node, driver: Driver) -> None:
    """Addresses and links come and go while we look on."""
    lines = driver("interfaces")
    assert [x.split()[0] for x in lines] == ["eth0", "eth1", "far-eth0", "far-eth1", "lo"]
    assert "up running mtu 1500 192.168.1.1/24 fe80::" in lines[0]
    assert "127.0.0.1" not in lines[4]
    node.sh("ip addr add 10.1.0.1/16 dev eth1; ip addr add 2001:db8:1::1/64 dev eth1 nodad")
    for line in ("C>* 10.1.0.0/16 [0/0] dev eth1", "L>* 10.1.0.1/32 [0/0] dev eth1",
                 "C>* 2001:db8:1::/64 [0/0] dev eth1", "L>* 2001:db8:1::1/128 [0/0] dev eth1"):
        driver.await_route(line)
    assert driver("resolve", "10.1.2.3") == [f"10.1.2.3 {index(node, 'eth1')}"]
    node.link("eth1", "down")
    wait_until(lambda: not any("eth1" in r and "far" not in r for r in driver.routes()), "eth1 gone")
    node.link("eth1", "up")
    driver.await_route("C>* 10.1.0.0/16 [0/0] dev eth1")
    node.sh("ip addr del 10.1.0.1/16 dev eth1")
    wait_until(lambda: not any(" 10.1.0" in r for r in driver.routes()), "10.1.0.1 gone")
    node.sh("ip link add eth2 type veth peer name far-eth2 && ip link set eth2 up &&"
            " ip link set far-eth2 up && ip link set eth1 down && ip link set eth1 name eth10")
    wait_until(lambda: [x.split()[0] for x in driver("interfaces")][:3] == ["eth0", "eth2", "eth10"],
               "a new link and a new name, in order")
    node.sh("ip link del eth2")
    wait_until(lambda: "eth2" not in " ".join(driver("interfaces")), "eth2 gone")


def index(node: Node, interface: str) -> int:
    found: list[dict[str, Any]] = json.loads(node.sh(["ip", "-j", "link", "show", interface]))
    return int(found[0]["ifindex"])


def test_point_to_point_address(node: Node, driver: Driver) -> None:
    """The address is a host's; what is connected is the other end's subnet."""
    node.sh("ip addr add 10.6.0.9 peer 10.7.0.1/30 dev eth1")
    driver.await_route("C>* 10.7.0.0/30 [0/0] dev eth1")
    assert "L>* 10.6.0.9/32 [0/0] dev eth1" in driver.routes()
    assert " 10.6.0.9/32" in driver("interfaces")[1]
    node.sh("ip addr del 10.6.0.9 peer 10.7.0.1/30 dev eth1")
    wait_until(lambda: not any(" 10.7.0" in r or " 10.6.0" in r for r in driver.routes()), "gone")


def test_loopback_address_is_connected_and_local(node: Node, driver: Driver) -> None:
    """Of the two routes of a host address the connected one is selected, as in FRR."""
    node.sh("ip addr add 10.255.0.1/32 dev lo")
    driver.await_route("C>* 10.255.0.1/32 [0/0] dev lo")
    lines = [x for x in driver.routes() if "10.255" in x]
    assert lines == ["L * 10.255.0.1/32 [0/0] dev lo", "C>* 10.255.0.1/32 [0/0] dev lo"]


def test_routes_of_others_are_read_and_left_alone(node: Node, driver: Driver) -> None:
    node.sh("ip route add unreachable 10.129.0.0/24 proto 77 metric 5;"
            "ip route add 10.130.0.0/24 via 192.168.1.9; ip route add default via 192.168.1.254;"
            "ip route add 10.131.0.0/24 nexthop via 192.168.1.8 nexthop via 192.168.1.9")
    for line in ("K>* 10.129.0.0/24 [0/5] unreachable",
                 "K>* 10.130.0.0/24 [0/0] via 192.168.1.9 dev eth0",
                 "K>* 0.0.0.0/0 [0/0] via 192.168.1.254 dev eth0",
                 "K>* 10.131.0.0/24 [0/0] via 192.168.1.8 dev eth0 via 192.168.1.9 dev eth0"):
        driver.await_route(line)
    assert driver("resolve", "8.8.8.8") == [f"192.168.1.254 {index(node, 'eth0')}"]
    assert driver("resolve", "8.8.8.8", "connected") == []
    before = node.sh("ip route show")
    for prefix in ("10.129.0.0/24", "10.130.0.0/24", "10.131.0.0/24"):
        driver("set", prefix, "192.168.1.2")
        assert driver.state(prefix) == "hidden"
    driver("idle")
    assert node.sh("ip route show") == before
    for prefix in ("10.129.0.0/24", "10.130.0.0/24", "10.131.0.0/24"):
        driver("del", prefix)
    driver("idle")
    assert node.sh("ip route show") == before


def test_bgp_routes_appear_change_and_vanish(node: Node, driver: Driver) -> None:
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    assert route(node, "10.244.0.0/24") == ["10.244.0.0/24 via 192.168.1.2 dev eth0 proto bgp metric 20"]
    driver("set", "10.244.0.0/24", "192.168.1.3", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    assert route(node, "10.244.0.0/24") == [
        "10.244.0.0/24 proto bgp metric 20", "nexthop via 192.168.1.2 dev eth0 weight 1",
        "nexthop via 192.168.1.3 dev eth0 weight 1"]
    far = index(node, "eth1")
    for prefix in ("2001:db8:1::/48", "10.245.0.0/24"):
        driver("set", prefix, f"fe80::1@{far}")
        driver.await_state(prefix, "installed")
    assert route(node, "2001:db8:1::/48") == [
        "2001:db8:1::/48 proto bgp metric 20 pref medium", "nexthop via fe80::1 dev eth1 weight 1"]
    assert route(node, "10.245.0.0/24") == [
        "10.245.0.0/24 via inet6 fe80::1 dev eth1 proto bgp metric 20"]
    # three groups, three next hops, less the group that nothing uses any more
    assert len(node.sh("ip nexthop show").splitlines()) == 5
    for prefix in ("10.244.0.0/24", "10.245.0.0/24", "2001:db8:1::/48"):
        driver("del", prefix)
    driver("idle")
    assert not node.routes("proto", "bgp")
    assert not node.sh("ip nexthop show")


def test_refused_route_is_reported_once_and_tried_again(node: Node, driver: Driver) -> None:
    driver("set", "10.244.0.0/24", f"10.99.0.2@{index(node, 'eth1')}")
    driver.await_state("10.244.0.0/24", "failed")
    node.sh("ip addr add 10.99.0.1/24 dev eth1")
    node.link("eth1", "down")
    node.link("eth1", "up")
    driver.await_state("10.244.0.0/24", "installed")
    assert driver.log.read_text().count("10.244.0.0/24") == 1


def test_better_route_of_others_hides_ours_while_it_stands(node: Node, driver: Driver) -> None:
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    node.sh("ip route add 10.244.0.0/24 via 192.168.1.7")
    driver.await_state("10.244.0.0/24", "hidden")
    driver("idle")
    assert route(node, "10.244.0.0/24") == ["10.244.0.0/24 via 192.168.1.7 dev eth0"]
    node.sh("ip route del 10.244.0.0/24")
    driver.await_state("10.244.0.0/24", "installed")
    assert route(node, "10.244.0.0/24") == ["10.244.0.0/24 via 192.168.1.2 dev eth0 proto bgp metric 20"]


def test_our_routes_are_put_back_when_someone_removes_them(node: Node, driver: Driver) -> None:
    ours = ["10.244.0.0/24 via 192.168.1.2 dev eth0 proto bgp metric 20"]
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver("static", "set", "10.120.0.0/24", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    driver.await_route("S>* 10.120.0.0/24 [1/0] via 192.168.1.2 dev eth0")
    node.sh("ip route del 10.244.0.0/24; ip route del 10.120.0.0/24")
    wait_until(lambda: route(node, "10.244.0.0/24") == ours, "our route is back")
    wait_until(lambda: route(node, "10.120.0.0/24"), "our static route is back")
    node.sh("ip route replace 10.244.0.0/24 via 192.168.1.66 proto bgp metric 20")
    wait_until(lambda: route(node, "10.244.0.0/24") == ours, "our next hop is back")
    node.sh("ip nexthop flush")
    wait_until(lambda: route(node, "10.244.0.0/24") == ours, "our route and next hop are back")
    wait_until(lambda: route(node, "10.120.0.0/24"), "the static route and its next hop are back")


@pytest.mark.parametrize("end", ["near", "far"])
def test_interface_flap(node: Node, driver: Driver, end: str) -> None:
    """The kernel drops routes in silence when a link goes down; the RIB may not notice at all."""
    prefixes = ["10.244.0.0/24", "10.245.0.0/24", "2001:db8:1::/48"]
    eth1 = index(node, "eth1")
    driver("set", prefixes[0], "192.168.1.2")
    driver("set", prefixes[1], "192.168.1.2", f"192.168.1.3@{index(node, 'eth0')}")
    driver("set", prefixes[2], f"fe80::1@{eth1}", f"fe80::2@{eth1}")
    driver("static", "set", "10.120.0.0/24", "192.168.1.2")
    for prefix in prefixes:
        driver.await_state(prefix, "installed")
    driver.await_route("S>* 10.120.0.0/24 [1/0] via 192.168.1.2 dev eth0")
    before = [route(node, p) for p in (*prefixes, "10.120.0.0/24")]
    side = "" if end == "near" else "far-"
    node.sh(f"ip link set {side}eth0 down; ip link set {side}eth1 down;"
            f"ip link set {side}eth0 up; ip link set {side}eth1 up")
    wait_until(lambda: [route(node, p) for p in (*prefixes, "10.120.0.0/24")] == before,
               "all routes are back as they were", 15)
    for prefix in prefixes:
        driver.await_state(prefix, "installed")


def test_link_down_is_no_refusal(node: Node, driver: Driver) -> None:
    """The kernel drops the next hops first; that ours are not taken then is no news to anybody."""
    prefix = "2001:db8:1::/48"
    driver("set", prefix, f"fe80::1@{index(node, 'eth1')}")
    driver.await_state(prefix, "installed")
    node.link("far-eth1", "down")
    wait_until(lambda: not route(node, prefix), "the route is gone", 15)
    driver("idle")
    node.link("far-eth1", "up")
    wait_until(lambda: route(node, prefix), "the route is back", 15)
    assert "refuses" not in driver.log.read_text()


def test_static_routes(node: Node, driver: Driver) -> None:
    node.sh("ip addr add 10.1.0.1/16 dev eth1")
    driver.await_route("C>* 10.1.0.0/16 [0/0] dev eth1")
    for words in (("10.120.0.0/24", "blackhole"), ("10.120.1.0/24", "unreachable"),
                  ("10.120.2.0/24", "10.1.0.2"), ("10.120.3.0/24", "10.1.0.2", "eth1"),
                  ("10.120.4.0/24", "eth1"), ("10.120.5.0/24", "10.120.2.9"),
                  ("10.120.6.0/24", "10.77.77.77"), ("2001:db8:120::/48", "blackhole"),
                  ("10.120.7.0/24", "10.1.0.2", "eth0")):
        driver("static", "set", *words)
    for line in ("S>* 10.120.0.0/24 [1/0] blackhole", "S>* 10.120.1.0/24 [1/0] unreachable",
                 "S>* 10.120.2.0/24 [1/0] via 10.1.0.2 dev eth1",
                 "S>* 10.120.3.0/24 [1/0] via 10.1.0.2 dev eth1", "S>* 10.120.4.0/24 [1/0] dev eth1",
                 "S>* 10.120.5.0/24 [1/0] via 10.120.2.9 (10.1.0.2) dev eth1",
                 "S>* 2001:db8:120::/48 [1/0] blackhole"):
        driver.await_route(line)
    assert not any("10.120.6" in r or "10.120.7" in r for r in driver.routes())
    assert route(node, "10.120.0.0/24") == ["blackhole 10.120.0.0/24 proto static metric 20"]
    assert route(node, "10.120.1.0/24") == ["unreachable 10.120.1.0/24 proto static metric 20"]
    assert route(node, "10.120.5.0/24") == [
        "10.120.5.0/24 via 10.1.0.2 dev eth1 proto static metric 20"]
    # a static route beats BGP's, and gives the prefix back
    driver("set", "10.120.2.0/24", "192.168.1.2")
    assert driver.state("10.120.2.0/24") == "hidden"
    driver("static", "unset", "10.120.2.0/24", "10.1.0.2")
    driver.await_state("10.120.2.0/24", "installed")
    wait_until(lambda: not any("10.120.5" in r for r in driver.routes()), "nothing to resolve over")
    assert not route(node, "10.120.5.0/24")
    node.link("eth1", "down")
    wait_until(lambda: not any("10.120.3" in r or "10.120.4" in r for r in driver.routes()),
               "static routes over eth1 gone")


def test_addresses_from_configuration(node: Node, driver: Driver) -> None:
    """They are set now, or when the interface appears; they stay when we end."""
    driver("address", "set", "lo", "10.255.0.1/32")
    driver("address", "set", "eth1", "10.1.0.1/24")
    driver("address", "set", "eth7", "10.7.0.1/24")
    driver("address", "set", "eth7", "2001:db8:7::1/64")
    driver.await_route("C>* 10.1.0.0/24 [0/0] dev eth1")
    assert "inet 10.1.0.1/24 brd 10.1.0.255 scope global eth1" in node.sh("ip addr show eth1")
    assert "inet 10.255.0.1/32 brd 10.255.0.1 scope global lo" in node.sh("ip addr show lo")
    node.sh("ip link add eth7 type veth peer name far-eth7 && ip link set far-eth7 up")
    driver.await_route("C>* 10.7.0.0/24 [0/0] dev eth7")
    driver.await_route("C>* 2001:db8:7::/64 [0/0] dev eth7")
    node.link("eth7", "down") # it was set up with its first address, and comes up only by others now
    assert holds(lambda: "state DOWN" in node.sh("ip link show eth7"), 0.5)
    node.link("eth7", "up")
    driver.await_route("C>* 2001:db8:7::/64 [0/0] dev eth7")
    driver("address", "unset", "eth7", "10.7.0.1/24")
    wait_until(lambda: not any(" 10.7." in r for r in driver.routes()), "unset address is gone")
    driver.end()
    assert "10.1.0.1/24" in node.sh("ip addr show eth1")


def test_bulk(node: Node, driver: Driver) -> None:
    """Many routes: all of them arrive, the deletion takes all of them out; prints how long it took."""
    node.sh("ip route add 20.0.0.0/8 via 192.168.1.9; ip route add 20.0.5.0/24 via 192.168.1.9")
    driver.await_route("K>* 20.0.5.0/24 [0/0] via 192.168.1.9 dev eth0")
    driver("bulk", "set", BULK, f"192.168.1.2@{index(node, 'eth0')}")
    took = driver("idle")[0].split()[1]
    print(f"{BULK} routes in {took} s")
    assert driver.state("20.0.4.0/24") == "installed"
    assert driver.state("20.0.5.0/24") == "hidden"
    assert len(node.sh("ip route show proto bgp").splitlines()) == BULK - 1
    driver("bulk", "del", BULK, "192.168.1.2")
    print(f"and out again in {driver('idle')[0].split()[1]} s")
    assert not node.sh("ip route show proto bgp")
    assert len(node.sh("ip route show root 20.0.0.0/8").splitlines()) == 2


def test_end_takes_many_routes_along(node: Node, driver: Driver) -> None:
    driver("bulk", "set", 20_000, "192.168.1.2")
    for i in range(40):
        driver("set", f"30.0.{i}.0/24", f"192.168.1.{100 + i}")
    driver("idle")
    node.sh("ip route add 10.9.0.0/16 via 192.168.1.9 proto bgp metric 7")
    driver.end()
    assert [r["dst"] for r in node.routes("proto", "bgp")] == ["10.9.0.0/16"]
    node.sh("ip route del 10.9.0.0/16")


def test_sweep_after_a_crash(node: Node) -> None:
    """Routes survive a crash; what the next run does not set goes when it says so."""
    first = Driver(node)
    first.await_route("C>* 192.168.1.0/24 [0/0] dev eth0")
    for prefix in ("10.244.0.0/24", "10.245.0.0/24", "2001:db8:1::/48"):
        first("set", prefix, f"fe80::1@{index(node, 'eth0')}")
    first("static", "set", "10.120.0.0/24", "blackhole")
    first.await_state("2001:db8:1::/48", "installed")
    first.await_route("S>* 10.120.0.0/24 [1/0] blackhole")
    first.crash()
    node.sh("ip route add 10.7.0.0/16 via 192.168.1.9")
    assert len(node.routes("proto", "bgp")) == 2
    second = Driver(node)
    second("set", "10.244.0.0/24", "192.168.1.2")
    second.await_state("10.244.0.0/24", "installed")
    assert len(node.routes("proto", "bgp")) == 2
    second("sweep")
    wait_until(lambda: not route(node, "10.245.0.0/24"), "stale route swept")
    assert route(node, "10.244.0.0/24") == ["10.244.0.0/24 via 192.168.1.2 dev eth0 proto bgp metric 20"]
    wait_until(lambda: not route(node, "2001:db8:1::/48"), "stale IPv6 route swept")
    wait_until(lambda: not route(node, "10.120.0.0/24"), "stale static route swept")
    assert route(node, "10.7.0.0/16")
    wait_until(lambda: len(node.sh("ip nexthop show").splitlines()) == 2, "stale next hops swept")
    second.end()


def test_keep_routes(node: Node) -> None:
    driver = Driver(node, "-r")
    driver.await_route("C>* 192.168.1.0/24 [0/0] dev eth0")
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    driver.end()
    assert route(node, "10.244.0.0/24")


def test_without_installing(node: Node) -> None:
    """Everything is read, nothing is written."""
    driver = Driver(node, "-n")
    driver.await_route("C>* 192.168.1.0/24 [0/0] dev eth0")
    before = node.sh("ip addr; ip route; ip -6 route; ip nexthop")
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver("static", "set", "10.120.0.0/24", "blackhole")
    driver("address", "set", "eth1", "10.1.0.1/24")
    driver("sweep")
    driver.await_route("S>  10.120.0.0/24 [1/0] blackhole")
    assert driver.state("10.244.0.0/24") == "none"
    assert holds(lambda: node.sh("ip addr; ip route; ip -6 route; ip nexthop") == before, 1)
    driver.end()
    assert node.sh("ip addr; ip route; ip -6 route; ip nexthop") == before


def test_lost_notifications(node: Node, driver: Driver) -> None:
    """More happens than the socket holds while we are stopped: everything is read again."""
    driver("set", "10.244.0.0/24", "192.168.1.2")
    driver.await_state("10.244.0.0/24", "installed")
    driver.signal(signal.SIGSTOP)
    batch = node.dir / "batch"
    batch.write_text("".join(f"route add 30.{i >> 8}.{i & 255}.0/24 via 192.168.1.9\n"
                             for i in range(40_000)))
    node.sh(f"ip -batch {batch}; ip route del 10.244.0.0/24; ip addr add 10.1.0.1/24 dev eth1")
    batch.write_text(batch.read_text().replace("add", "del"))
    node.sh(f"ip -batch {batch}")
    driver.signal(signal.SIGCONT)
    driver.await_route("C>* 10.1.0.0/24 [0/0] dev eth1")
    wait_until(lambda: not any(" 30." in r for r in driver.routes()), "routes that went unheard", 30)
    wait_until(lambda: route(node, "10.244.0.0/24"), "our route is back", 20)
