# SPDX-License-Identifier: GPL-2.0-or-later
"""Attributes of every kind from ExaBGP: as the shell shows them, and as they go on to the next peer."""
from __future__ import annotations

from typing import Any

import pytest

from confs import HEAD
from lab import Ferro, Lab, Node, wait_until
from peers import PEER
from speaker import UPDATE, Speaker, split_attributes

SECOND = "192.168.2.2"

EXABGP = """neighbor 192.168.1.1 {
  router-id 192.168.1.2;
  local-address 192.168.1.2;
  local-as 65002;
  peer-as 65001;
  hold-time 30;
  family { ipv4 unicast; }
  static {
    route 10.246.0.0/24 next-hop 192.168.1.2 origin egp as-path [ 65002 65010 4200000001 ] med 10 community [ 65002:1 no-peer ] large-community [ 65002:1:2 ] extended-community [ target:65002:7 ] atomic-aggregate aggregator ( 65010:10.0.0.1 );
    route 10.246.1.0/24 next-hop 192.168.1.2 origin incomplete as-path [ 65002 ( 65020 65021 ) ];
    route 10.246.2.0/24 next-hop 192.168.1.2 community [ no-export ];
    route 10.246.3.0/24 next-hop 192.168.1.2 community [ no-advertise ];
    route 10.246.4.0/24 next-hop 192.168.1.2;
  }
}
"""

CONF = HEAD + f"""interface eth1
 ip address 192.168.2.1/24
!
router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 neighbor {PEER} remote-as 65002
 neighbor {PEER} timers connect 2
 neighbor {SECOND} remote-as 65003
 neighbor {SECOND} passive
"""


@pytest.fixture
def second(lab: Lab, r1: Ferro) -> Speaker:
    """ExaBGP at eth0 has said everything; the session at eth1 is up."""
    exabgp = lab.add(Node, "exabgp")
    lab.cable(r1, exabgp)
    node = lab.add(Node, "second")
    lab.cable(r1, node, "eth1")
    exabgp.sh(f"ip addr add {PEER}/24 dev eth0")
    node.sh(f"ip addr add {SECOND}/24 dev eth0")
    (exabgp.etc / "exabgp.conf").write_text(EXABGP)
    r1.begin(CONF)
    exabgp.start(["exabgp", "/etc/frr/exabgp.conf"],
                 {"exabgp.daemon.user": "root", "exabgp.api.cli": "false", "exabgp.log.all": "true"})
    r1.await_established()
    wait_until(lambda: r1.paths("10.246.4.0/24"), "the last route", 20)
    speaker = Speaker.session(node, "192.168.2.1", SECOND, asn=65003, router_id=SECOND, hold=180)
    r1.await_established(SECOND)
    return speaker


def path_of(r1: Ferro, prefix: str) -> Any:
    (path,) = r1.paths(prefix)
    return path


def test_shown(r1: Ferro, second: Speaker) -> None:
    path = path_of(r1, "10.246.0.0/24")
    assert path["origin"] == "EGP"
    assert path["aspath"]["string"] == "65002 65010 4200000001"
    assert path["metric"] == 10
    assert path["community"]["string"] == "65002:1 no-peer"
    assert path["largeCommunity"]["string"] == "65002:1:2"
    assert path["extendedCommunity"]["string"] == "RT:65002:7"
    assert path["atomicAggregate"] is True
    assert (path["aggregatorAs"], path["aggregatorId"]) == (65010, "10.0.0.1")
    assert path_of(r1, "10.246.2.0/24")["community"]["string"] == "no-export"
    text = r1.show("show ip bgp 10.246.0.0/24")
    for line in ("      Community: 65002:1 no-peer\n", "      Extended Community: RT:65002:7\n",
                 "      Large Community: 65002:1:2\n", "(aggregated by 65010 10.0.0.1)"):
        assert line in text, text


def test_as_set_is_refused(r1: Ferro, second: Speaker) -> None:
    """`bgp reject-as-sets` is on: a path with an AS_SET is not used."""
    assert not [p for p in r1.paths("10.246.1.0/24") if p.get("valid")]
    assert not r1.has_route("10.246.1.0/24")


def test_passed_on(r1: Ferro, second: Speaker) -> None:
    """To the next AS: transitive attributes as they came; no-export and no-advertise stay here."""
    told: dict[bytes, bytes] = {}
    while bytes([24, 10, 246, 4]) not in told:
        body = second.await_kind(UPDATE).body
        gone = int.from_bytes(body[:2], "big")
        end = 4 + gone + int.from_bytes(body[2 + gone:4 + gone], "big")
        for at in range(end, len(body), 4):
            told[body[at:at + 4]] = body[4 + gone:end]
    assert sorted(p[3] for p in told) == [0, 4]
    got = {code: (flags, value)
           for flags, code, value in split_attributes(told[bytes([24, 10, 246, 0])])}
    path = b"\2\4" + b"".join(a.to_bytes(4, "big") for a in (65001, 65002, 65010, 4200000001))
    assert got[1] == (0x40, b"\1")
    assert got[2] == (0x40, path)
    assert got[3] == (0x40, bytes([192, 168, 2, 1]))
    assert 4 not in got
    assert got[6] == (0x40, b"")
    assert got[7] == (0xc0, (65010).to_bytes(4, "big") + bytes([10, 0, 0, 1]))
    assert got[8] == (0xc0, b"\xfd\xea\0\1\xff\xff\xff\4")
    assert got[16] == (0xc0, b"\0\2\xfd\xea\0\0\0\7")
    assert got[32] == (0xc0, b"".join(n.to_bytes(4, "big") for n in (65002, 1, 2)))
