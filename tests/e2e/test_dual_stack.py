# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv6 unicast: beside IPv4 over one IPv4 session, and over an IPv6 session, with FRR and BIRD."""
from __future__ import annotations

from typing import Any

import pytest

from confs import HEAD
from lab import Ferro, Lab, Node, wait_until

OURS, THEIRS = "2001:db8:51::/48", "2001:db8:52::/48"
CONF = HEAD.replace("/24\n", "/24\n ipv6 address 2001:db8:12::1/64\n") + """\
router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 timers bgp 3 9
 neighbor {peer} remote-as 65002
 neighbor {peer} timers connect 2
 address-family ipv4 unicast
  network 10.51.0.0/24
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:51::/48
  neighbor {peer} activate
 exit-address-family
"""
FRR = """frr defaults traditional
router bgp 65002
 bgp router-id 192.168.1.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {us} remote-as 65001
 neighbor {us} timers 3 9
 neighbor {us} timers connect 2
 address-family ipv4 unicast
  network 10.52.0.0/24
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:52::/48
  neighbor {us} activate
 exit-address-family
"""
BIRD = """router id 192.168.1.2;
protocol device {{ }}
protocol static four {{ ipv4; route 10.52.0.0/24 blackhole; }}
protocol static six {{ ipv6; route 2001:db8:52::/48 blackhole; }}
protocol bgp ferro {{
  local {them} as 65002;
  neighbor {us} as 65001;
  hold time 9; connect retry time 2; connect delay time 1; error wait time 1, 4;
  ipv4 {{ import all; export all; extended next hop on; }};
  ipv6 {{ import all; export all; }};
}}
"""
ENDS = {"one IPv4 session": ("192.168.1.1", "192.168.1.2"),
        "an IPv6 session": ("2001:db8:12::1", "2001:db8:12::2")}


def start_frr(node: Node, us: str, them: str) -> None:
    (node.etc / "bgpd.conf").write_text(FRR.format(us=us))
    (node.etc / "vtysh.conf").write_text("")
    node.start(["/usr/lib/frr/zebra", "-f", "/dev/null", "-A", "127.0.0.1"])
    wait_until((node.run_dir / "zserv.api").exists, "zebra runs", 20)
    node.start(["/usr/lib/frr/bgpd", "-f", "/etc/frr/bgpd.conf", "-A", "127.0.0.1"])


def start_bird(node: Node, us: str, them: str) -> None:
    (node.etc / "bird.conf").write_text(BIRD.format(us=us, them=them))
    node.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/var/run/frr/bird.ctl"])


def frr_has_ours(node: Node) -> bool:
    said = node.run(["vtysh", "-d", "bgpd", "-c", f"show bgp ipv6 unicast {OURS}"]).stdout
    return "2001:db8:12::1 from" in said and "(fe80::" in said


def bird_has_ours(node: Node) -> bool:
    said = node.run(["birdc", "-s", "/var/run/frr/bird.ctl", "show", "route", OURS, "all"]).stdout
    return "BGP.next_hop: 2001:db8:12::1" in said


def withdraw(node: Node, kind: str, family: str, network: str) -> None:
    if kind == "bird":
        node.sh(f"birdc -s /var/run/frr/bird.ctl disable {'six' if family == 'ipv6' else 'four'}")
        return
    node.sh(["vtysh", "-d", "bgpd", "-c", "configure terminal", "-c", "router bgp 65002", "-c",
             f"address-family {family} unicast", "-c", f"no network {network}"])


def has_ipv4_of_ours(node: Node, kind: str) -> bool:
    if kind == "bird":
        said = node.run("birdc -s /var/run/frr/bird.ctl show route 10.51.0.0/24 all").stdout
        return "BGP.next_hop: 192.168.1.1\n" in said
    said = node.run(["vtysh", "-d", "bgpd", "-c", "show bgp ipv4 unicast 10.51.0.0/24"]).stdout
    return "192.168.1.1 from" in said


@pytest.fixture(params=["frr", "bird"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def joined(lab: Lab, r1: Ferro, kind: str, ends: str) -> Node:
    """Ferro and a router of that kind, with a session between those ends."""
    us, them = ENDS[ends]
    peer = lab.add(Node, kind)
    lab.cable(r1, peer)
    peer.sh("ip addr add 192.168.1.2/24 dev eth0")
    peer.sh("ip -6 addr add 2001:db8:12::2/64 dev eth0 nodad")
    r1.begin(CONF.format(peer=them))
    (start_frr if kind == "frr" else start_bird)(peer, us, them)
    r1.await_established(them)
    return peer


def test_each_family_comes_and_goes_by_itself(lab: Lab, r1: Ferro, kind: str) -> None:
    """Both over one IPv4 session: a withdrawal in one leaves the other alone, either way."""
    ends = "one IPv4 session"
    them = ENDS[ends][1]
    peer = joined(lab, r1, kind, ends)
    has_ours = frr_has_ours if kind == "frr" else bird_has_ours
    wait_until(lambda: has_ours(peer) and has_ipv4_of_ours(peer, kind), f"ours at {kind}", 20)
    wait_until(lambda: r1.has_route("10.52.0.0/24", protocol="bgp"), "IPv4 in the kernel", 20)
    wait_until(lambda: THEIRS in r1.sh("ip -6 route show proto bgp"), "IPv6 in the kernel", 20)
    summary = r1.show_json("show bgp summary")
    assert [summary[f]["peers"][them]["pfxRcd"] for f in ("ipv4Unicast", "ipv6Unicast")] == [1, 1]

    withdraw(peer, kind, "ipv6", THEIRS)
    wait_until(lambda: THEIRS not in r1.sh("ip -6 route show proto bgp"), "IPv6 withdrawn", 20)
    assert r1.has_route("10.52.0.0/24", protocol="bgp")
    withdraw(peer, kind, "ipv4", "10.52.0.0/24")
    wait_until(lambda: not r1.has_route("10.52.0.0/24"), "IPv4 withdrawn", 20)

    r1.configure("router bgp 65001", "address-family ipv4 unicast", "no network 10.51.0.0/24")
    wait_until(lambda: not has_ipv4_of_ours(peer, kind), "our IPv4 gone there", 20)
    assert has_ours(peer)
    r1.configure("router bgp 65001", "address-family ipv6 unicast", f"no network {OURS}")
    wait_until(lambda: not has_ours(peer), "our IPv6 gone there", 20)
    assert r1.is_established(them)


@pytest.mark.parametrize("ends", sorted(ENDS))
def test_both_families(lab: Lab, r1: Ferro, kind: str, ends: str) -> None:
    them = ENDS[ends][1]
    peer = joined(lab, r1, kind, ends)
    has_ours = frr_has_ours if kind == "frr" else bird_has_ours
    wait_until(lambda: has_ours(peer), f"{OURS} at {kind}", 20)
    wait_until(lambda: THEIRS in r1.sh("ip -6 route show proto bgp"), "IPv6 in the kernel", 20)
    route = r1.sh(f"ip -6 route show {THEIRS}")
    assert "via fe80::" in route and "dev eth0" in route and "metric 20" in route
    assert f"{THEIRS} [20/0] via fe80::" in r1.show("show ipv6 route bgp")
    r1.shell("clear bgp *")
    r1.await_established(them)
    wait_until(lambda: THEIRS in r1.sh("ip -6 route show proto bgp"), "IPv6 again", 20)
    assert "kernel refuses" not in r1.logged()

    r1.configure("router bgp 65001", "address-family ipv6 unicast", f"no neighbor {them} activate")
    wait_until(lambda: THEIRS not in r1.sh("ip -6 route show proto bgp"), "IPv6 gone", 20)
