# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv4 routes with IPv6 next hops over an IPv6 session (RFC 8950), with FRR and BIRD."""
from __future__ import annotations

import json
from typing import Any

import pytest

from lab import Ferro, Lab, Node, wait_until

US, THEM = "2001:db8:12::1", "2001:db8:12::2"
OURS, THEIRS = "10.51.0.0/24", "10.52.0.0/24"
# No IPv4 address on the link: a next hop of that family cannot be meant.
CONF = f"""frr defaults traditional
hostname r1
log file /var/log/frr/bgpd.log
!
interface eth0
 ipv6 address {US}/64
!
router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 timers bgp 3 9
 neighbor {THEM} remote-as 65002
 neighbor {THEM} timers connect 2
 neighbor {THEM} capability extended-nexthop
 address-family ipv4 unicast
  network {OURS}
"""
FRR = f"""frr defaults traditional
router bgp 65002
 bgp router-id 192.168.1.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {US} remote-as 65001
 neighbor {US} timers 3 9
 neighbor {US} timers connect 2
 neighbor {US} capability extended-nexthop
 address-family ipv4 unicast
  network {THEIRS}
"""
BIRD = f"""router id 192.168.1.2;
protocol device {{ }}
protocol static {{ ipv4; route {THEIRS} blackhole; }}
protocol bgp ferro {{
  local {THEM} as 65002;
  neighbor {US} as 65001;
  hold time 9; connect retry time 2; connect delay time 1; error wait time 1, 4;
  ipv4 {{ import all; export all; extended next hop on; }};
}}
"""


class Other(Node):
    """The neighbor: an IPv6 address, and FRR or BIRD."""

    kind = ""

    def begin(self) -> None:
        self.sh(f"ip -6 addr add {THEM}/64 dev eth0 nodad")
        if self.kind == "bird":
            (self.etc / "bird.conf").write_text(BIRD)
            self.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/var/run/frr/bird.ctl"])
            return
        (self.etc / "bgpd.conf").write_text(FRR)
        (self.etc / "vtysh.conf").write_text("")
        self.start(["/usr/lib/frr/zebra", "-f", "/dev/null", "-A", "127.0.0.1"])
        wait_until((self.run_dir / "zserv.api").exists, "zebra runs", 20)
        self.start(["/usr/lib/frr/bgpd", "-f", "/etc/frr/bgpd.conf", "-A", "127.0.0.1"])

    def next_hops(self) -> list[str]:
        """Of our route, as it has it."""
        if self.kind == "bird":
            said = self.run(["birdc", "-s", "/var/run/frr/bird.ctl", "show", "route", OURS, "all"])
            hops = [x for x in said.stdout.splitlines() if "BGP.next_hop:" in x]
            return hops[0].split(":", 1)[1].split() if hops else []
        said = self.run(["vtysh", "-d", "bgpd", "-c", f"show bgp ipv4 unicast {OURS} json"])
        paths = json.loads(said.stdout or "{}").get("paths", [])
        return [h["ip"] for h in paths[0]["nexthops"]] if paths else []


@pytest.fixture(params=["frr", "bird"])
def other(request: pytest.FixtureRequest, lab: Lab, r1: Ferro) -> Any:
    node = lab.add(Other, request.param)
    node.kind = request.param
    lab.cable(r1, node)
    return node


def test_both_ways(r1: Ferro, other: Other) -> None:
    r1.begin(CONF)
    other.begin()
    r1.await_established(THEM)
    hops = wait_until(other.next_hops, f"{OURS} at the neighbor", 20)
    assert hops[0] == US and hops[1].startswith("fe80::")
    wait_until(lambda: THEIRS in r1.sh("ip -4 route show proto bgp"), "IPv4 in the kernel", 20)
    route = r1.sh(f"ip -4 route show {THEIRS}")
    assert "via inet6 fe80::" in route and "dev eth0" in route and "metric 20" in route
    assert f"{THEIRS} [20/0] via fe80::" in r1.show("show ip route bgp")
    shown = r1.show(f"show bgp neighbors {THEM}")
    assert "    Extended nexthop: advertised and received\n" in shown
    path = r1.paths(THEIRS)[0]
    assert path["nexthops"][0]["ip"] == THEM and path["nexthops"][0]["afi"] == "ipv6"

    r1.configure("router bgp 65001", f"no neighbor {THEM} capability extended-nexthop")
    r1.await_established(THEM)
    wait_until(lambda: not other.next_hops(), "no next hop is left for our routes", 20)
    wait_until(lambda: THEIRS not in r1.sh("ip -4 route show proto bgp"), "gone", 20)
