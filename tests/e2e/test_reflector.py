# SPDX-License-Identifier: GPL-2.0-or-later
"""Ferro as a route reflector of a group of clients, FRR and BIRD: RFC 4456."""
from __future__ import annotations

import json

from confs import HEAD
from lab import Ferro, Lab, Node, wait_until

CONF = HEAD + """interface eth1
 ip address 192.168.2.1/24
!
router bgp 65001
 bgp router-id 192.168.1.1
 bgp cluster-id 1.1.1.1
 no bgp network import-check
 timers bgp 3 9
 neighbor CLIENTS peer-group
 neighbor CLIENTS remote-as internal
 neighbor CLIENTS timers connect 2
 neighbor 192.168.1.2 peer-group CLIENTS
 neighbor 192.168.2.2 peer-group CLIENTS
 address-family ipv4 unicast
  neighbor CLIENTS route-reflector-client
 exit-address-family
"""
FRR = """frr defaults traditional
router bgp 65001
 bgp router-id 192.168.1.2
 no bgp network import-check
 neighbor 192.168.1.1 remote-as 65001
 neighbor 192.168.1.1 timers 3 9
 neighbor 192.168.1.1 timers connect 2
 network 10.52.0.0/24
"""
BIRD = """router id 192.168.2.2;
protocol device { }
protocol static { ipv4; route 10.53.0.0/24 blackhole; }
protocol bgp ferro {
  local 192.168.2.2 as 65001;
  neighbor 192.168.2.1 as 65001;
  hold time 9; connect retry time 2; connect delay time 1; error wait time 1, 4;
  ipv4 { import all; export all; next hop self; };
}
"""


def test_clients_of_a_group(lab: Lab, r1: Ferro) -> None:
    frr, bird = lab.add(Node, "frr"), lab.add(Node, "bird")
    lab.cable(r1, frr)
    lab.cable(r1, bird, "eth1")
    frr.sh("ip addr add 192.168.1.2/24 dev eth0")
    bird.sh("ip addr add 192.168.2.2/24 dev eth0")
    r1.begin(CONF)
    (frr.etc / "bgpd.conf").write_text(FRR)
    (frr.etc / "vtysh.conf").write_text("")
    frr.start(["/usr/lib/frr/zebra", "-f", "/dev/null", "-A", "127.0.0.1"])
    wait_until((frr.run_dir / "zserv.api").exists, "zebra runs", 20)
    frr.start(["/usr/lib/frr/bgpd", "-f", "/etc/frr/bgpd.conf", "-A", "127.0.0.1"])
    (bird.etc / "bird.conf").write_text(BIRD)
    bird.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/var/run/frr/bird.ctl"])
    r1.await_established("192.168.1.2")
    r1.await_established("192.168.2.2")

    def at_bird() -> str:
        return bird.run(["birdc", "-s", "/var/run/frr/bird.ctl",
                         "show", "route", "10.52.0.0/24", "all"]).stdout

    wait_until(lambda: "BGP.originator_id: 192.168.1.2" in at_bird(), "reflected to BIRD", 20)
    said = at_bird()
    assert "BGP.cluster_list: 1.1.1.1" in said
    assert "BGP.next_hop: 192.168.1.2" in said and "BGP.local_pref: 100" in said

    def at_frr() -> dict[str, object]:
        text = frr.run(["vtysh", "-d", "bgpd", "-c",
                        "show bgp ipv4 unicast 10.53.0.0/24 json"]).stdout
        paths = json.loads(text or "{}").get("paths", [])
        return paths[0] if paths else {}

    path = wait_until(at_frr, "reflected to FRR", 20)
    assert path["originatorId"] == "192.168.2.2"
    assert path["clusterList"] == {"list": ["1.1.1.1"]}

    # Another cluster id is told at once, without a reset.
    for line, cluster in (("bgp cluster-id 2.2.2.2", "2.2.2.2"), ("no bgp cluster-id", "192.168.1.1")):
        r1.configure("router bgp 65001", line)
        wait_until(lambda: f"BGP.cluster_list: {cluster}" in at_bird(), line, 20)
        wait_until(lambda: at_frr().get("clusterList") == {"list": [cluster]}, line, 20)
    sessions = r1.show_json("show bgp neighbors")
    assert [n["connectionsEstablished"] for n in sessions.values() if "bgpState" in n] == [1, 1]

    r1.configure("router bgp 65001", "address-family ipv4 unicast",
                 "no neighbor CLIENTS route-reflector-client")
    r1.await_established("192.168.2.2")
    wait_until(lambda: "10.52.0.0" not in at_bird(), "no longer reflected", 30)
