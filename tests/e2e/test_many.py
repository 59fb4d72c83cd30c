# SPDX-License-Identifier: GPL-2.0-or-later
"""Many neighbors: a reflector with eight FRR and BIRD clients, and 200 callers from a range."""
from __future__ import annotations

import json
from typing import Any

from lab import Ferro, Lab, Node, Process, holds, wait_until

BIRDC = ["birdc", "-s", "/var/run/frr/bird.ctl"]


# ---- a reflector ----

class Client(Node):
    """Client N of the reflector: address 192.168.N.2, network 10.60.N.0/24."""

    n = 0
    speaker: Process | None = None

    @property
    def network(self) -> str:
        return f"10.60.{self.n}.0/24"

    @property
    def id(self) -> str:
        return f"192.168.{self.n}.2"

    def address(self) -> None:
        self.sh(f"ip addr add {self.id}/24 dev eth0")

    def restart(self) -> None:
        assert self.speaker
        self.speaker.stop()
        self.begin()

    def begin(self) -> None:
        raise NotImplementedError

    def learned(self, network: str) -> dict[str, str] | None:
        """Originator, cluster list and next hop of a route from the reflector."""
        raise NotImplementedError


class FrrClient(Client):
    CONF = """frr defaults traditional
router bgp 65001
 bgp router-id 192.168.{n}.2
 no bgp network import-check
 neighbor 192.168.{n}.1 remote-as 65001
 neighbor 192.168.{n}.1 timers 3 9
 neighbor 192.168.{n}.1 timers connect 2
 network 10.60.{n}.0/24
"""

    def begin(self) -> None:
        (self.etc / "bgpd.conf").write_text(self.CONF.format(n=self.n))
        (self.etc / "vtysh.conf").write_text("")
        if not (self.run_dir / "zserv.api").exists():
            self.start(["/usr/lib/frr/zebra", "-f", "/dev/null", "-A", "127.0.0.1"])
            wait_until((self.run_dir / "zserv.api").exists, "zebra runs", 30)
        self.speaker = self.start(
            ["/usr/lib/frr/bgpd", "-f", "/etc/frr/bgpd.conf", "-A", "127.0.0.1"])

    def learned(self, network: str) -> dict[str, str] | None:
        said = self.run(["vtysh", "-d", "bgpd", "-c", f"show bgp ipv4 unicast {network} json"])
        paths = json.loads(said.stdout if said.stdout.startswith("{") else "{}").get("paths", [])
        mine = [p for p in paths if p["peer"]["peerId"] == f"192.168.{self.n}.1"]
        if not mine:
            return None
        return {"originator": mine[0].get("originatorId", ""),
                "clusters": " ".join(mine[0].get("clusterList", {}).get("list", [])),
                "next_hop": mine[0]["nexthops"][0]["ip"]}


class BirdClient(Client):
    CONF = """router id 192.168.{n}.2;
protocol device {{ }}
protocol static {{ ipv4; route 10.60.{n}.0/24 blackhole; }}
protocol bgp ferro {{
  local 192.168.{n}.2 as 65001;
  neighbor 192.168.{n}.1 as 65001;
  hold time 9; connect retry time 2; connect delay time 1; error wait time 1, 4;
  ipv4 {{ import all; export all; next hop self; }};
}}
"""

    def begin(self) -> None:
        (self.etc / "bird.conf").write_text(self.CONF.format(n=self.n))
        self.speaker = self.start(
            ["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/var/run/frr/bird.ctl"])

    def learned(self, network: str) -> dict[str, str] | None:
        said = self.run([*BIRDC, "show", "route", network, "protocol", "ferro", "all"]).stdout
        fields = dict(line.strip().split(":", 1) for line in said.splitlines()
                      if line.strip().startswith("BGP."))
        if "BGP.next_hop" not in fields:
            return None
        return {"originator": fields.get("BGP.originator_id", "").strip(),
                "clusters": fields.get("BGP.cluster_list", "").strip(),
                "next_hop": fields["BGP.next_hop"].split()[0]}


def reflector_conf(count: int) -> str:
    text = "frr defaults traditional\nhostname r1\nlog file /var/log/frr/bgpd.log\n!\n"
    for n in range(1, count + 1):
        text += f"interface eth{n}\n ip address 192.168.{n}.1/24\n!\n"
    text += """router bgp 65001
 bgp router-id 192.168.1.1
 bgp cluster-id 1.1.1.1
 timers bgp 3 9
 neighbor CLIENTS peer-group
 neighbor CLIENTS remote-as internal
 neighbor CLIENTS timers connect 2
"""
    for n in range(1, count + 1):
        text += f" neighbor 192.168.{n}.2 peer-group CLIENTS\n"
    return text + """ address-family ipv4 unicast
  neighbor CLIENTS route-reflector-client
 exit-address-family
"""


def reflected(clients: list[Client], of: Client) -> bool:
    """Everybody else has this client's route, marked as a reflector must."""
    want = {"originator": of.id, "clusters": "1.1.1.1", "next_hop": of.id}
    return all(c.learned(of.network) == want for c in clients if c is not of)


def test_eight_clients(lab: Lab, r1: Ferro) -> None:
    clients: list[Client] = []
    for n in range(1, 9):
        client: Client = lab.add(FrrClient if n <= 4 else BirdClient, f"c{n}")
        client.n = n
        lab.cable(r1, client, f"eth{n}")
        client.address()
        clients.append(client)
    r1.begin(reflector_conf(len(clients)))
    for client in clients:
        client.begin()
    for client in clients:
        wait_until(lambda: reflected(clients, client), f"{client.network} at all others", 60, 0.5)
        assert client.learned(client.network) is None, "it knows its own route as its own"
    table = r1.show_json("show ip bgp")["routes"]
    assert sorted(table) == [c.network for c in clients]
    assert r1.show("show bgp summary").count("\n192.168.") == 8

    # One of each kind restarts: its route goes or is renewed everywhere, and nobody else's does.
    for one in (clients[1], clients[6]):
        others = [c for c in clients if c is not one]
        assert one.speaker
        one.speaker.stop()
        wait_until(lambda: all(c.learned(one.network) is None for c in others),
                   f"{one.network} withdrawn", 30, 0.5)
        assert all(reflected(others, c) for c in others)
        one.begin()
        wait_until(lambda: reflected(clients, one), f"{one.network} back", 60, 0.5)
        wait_until(lambda: all(one.learned(c.network) for c in others), "all back there", 30)


# ---- a range ----

CALLERS, LIMIT = 200, 150
RANGE = f"""frr defaults traditional
hostname r1
log file /var/log/frr/bgpd.log
!
interface eth0
 ip address 10.7.0.1/16
!
router bgp 65001
 bgp router-id 10.7.0.1
 no bgp ebgp-requires-policy
 neighbor DYN peer-group
 neighbor DYN remote-as external
 neighbor DYN timers 10 30
 bgp listen limit {LIMIT}
 bgp listen range 10.7.1.0/24 peer-group DYN
"""


def callers_conf() -> str:
    """One BIRD with a protocol, an address, an AS and a route for each caller. It has one session
    an address of ours, so each calls another one."""
    text = "router id 10.7.1.1;\nprotocol device { }\n"
    for n in range(1, CALLERS + 1):
        text += f"""protocol static s{n} {{ ipv4 {{ table t{n}; }}; route 10.8.{n}.0/24 blackhole; }}
protocol bgp c{n} {{
  router id 10.7.1.{n};
  local 10.7.1.{n} as {65100 + n};
  neighbor 10.7.2.{n} as 65001;
  hold time 30; connect retry time 2; connect delay time 1; error wait time 1, 2;
  ipv4 {{ table t{n}; import none; export all; }};
}}
"""
    tables = "".join(f"ipv4 table t{n};\n" for n in range(1, CALLERS + 1))
    return tables + text


def addresses(node: Node, net: str) -> None:
    node.sh("; ".join(f"ip addr add {net}.{n}/16 dev eth0" for n in range(1, CALLERS + 1)))


def summary(r1: Ferro) -> dict[str, Any]:
    return dict(r1.show_json("show bgp summary").get("ipv4Unicast", {}))


def up(r1: Ferro) -> int:
    peers = summary(r1).get("peers", {}).values()
    return sum(p["state"] == "Established" and p["pfxRcd"] == 1 for p in peers)


def test_two_hundred_callers(lab: Lab, r1: Ferro) -> None:
    """No more than the limit get in; with more room the others do; all are forgotten again."""
    bird = lab.add(Node, "bird")
    lab.cable(r1, bird)
    r1.begin(RANGE)
    bird.sh("ip addr add 10.7.0.2/16 dev eth0")
    addresses(r1, "10.7.2")
    addresses(bird, "10.7.1")
    (bird.etc / "bird.conf").write_text(callers_conf())
    speaker = bird.start(["bird", "-f", "-c", "/etc/frr/bird.conf", "-s", "/var/run/frr/bird.ctl"])
    wait_until(lambda: up(r1) == LIMIT, f"{LIMIT} callers", 90, 0.5)
    assert holds(lambda: summary(r1)["dynamicPeers"] == LIMIT, 4, 0.5)
    text = r1.show("show bgp summary")
    assert text.count("\n*10.7.1.") == LIMIT
    assert f"* - dynamic neighbor\n{LIMIT} dynamic neighbor(s), limit {LIMIT}\n" in text

    r1.configure("router bgp 65001", f"bgp listen limit {CALLERS + 50}")
    wait_until(lambda: up(r1) == CALLERS, f"{CALLERS} callers", 90, 0.5)
    assert len(r1.show_json("show ip bgp")["routes"]) == CALLERS
    assert len(r1.routes("proto", "bgp")) == CALLERS
    lines = [x.split()[0] for x in r1.show("show bgp summary").splitlines() if x[:1] == "*"][:-1]
    assert lines == [f"*10.7.1.{n}" for n in range(1, CALLERS + 1)], "by address"

    speaker.stop()
    wait_until(lambda: "peers" not in summary(r1) or not summary(r1)["peers"], "forgotten", 60, 0.5)
    wait_until(lambda: not r1.routes("proto", "bgp"), "no route is left", 30)
    assert r1.show_json("show ip bgp").get("routes", {}) == {}
