# SPDX-License-Identifier: GPL-2.0-or-later
"""Peer-groups and dynamic neighbors with FRR, BIRD and GoBGP as members and callers."""
from __future__ import annotations

from typing import Any

import pytest

from confs import HEAD
from lab import Ferro, Lab, wait_until
from peers import KINDS, PEER, PEER_NETWORK, joined

OURS = "10.244.0.0/24"
CONF = HEAD + """router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor DYN peer-group
 neighbor DYN remote-as external
 neighbor DYN timers 3 9
 neighbor DYN timers connect 2
{who}
 address-family ipv4 unicast
  network 10.244.0.0/24
  neighbor DYN activate
  neighbor DYN soft-reconfiguration inbound
 exit-address-family
"""
MEMBER = CONF.format(who=f" neighbor {PEER} peer-group DYN")
RANGE = CONF.format(who=" bgp listen limit 5\n bgp listen range 192.168.1.0/24 peer-group DYN")


@pytest.fixture(params=sorted(KINDS))
def peer(request: pytest.FixtureRequest, lab: Lab, r1: Ferro) -> Any:
    return joined(lab, r1, request.param)


def dropped(r1: Ferro) -> int:
    return int(r1.show_json(f"show bgp neighbors {PEER}")[PEER]["connectionsDropped"])


def test_member(r1: Ferro, peer: Any) -> None:
    """A member runs on its group's settings; a change resets it only where it has to."""
    r1.begin(MEMBER)
    peer.begin()
    r1.await_established()
    wait_until(lambda: r1.has_route(PEER_NETWORK, protocol="bgp"), "route in the kernel", 20)
    shown = r1.show(f"show bgp neighbors {PEER}")
    assert " Member of peer-group DYN for session parameters\n" in shown
    assert "  DYN peer-group member\n" in shown
    assert "  Inbound soft reconfiguration allowed\n" in shown
    assert "Configured hold time is 9 seconds, keepalive interval is 3 seconds" in shown

    r1.configure("router bgp 65001", "neighbor DYN description customers",
                 "neighbor DYN timers 4 12", "neighbor DYN peer-group")
    assert r1.is_established() and dropped(r1) == 0
    r1.configure("router bgp 65001", "neighbor DYN shutdown")
    wait_until(lambda: "Idle (Admin)" in r1.show("show bgp summary"), "shut down", 10)
    r1.configure("router bgp 65001", "no neighbor DYN shutdown")
    r1.await_established()

    r1.configure("router bgp 65001", "no neighbor DYN peer-group")
    assert PEER not in r1.show("show running-config")
    wait_until(lambda: not r1.has_route(PEER_NETWORK), "route gone", 20)


def test_caller_from_a_range(r1: Ferro, peer: Any) -> None:
    """It becomes a neighbor by calling, and is forgotten when its session ends."""
    r1.begin(RANGE)
    peer.begin()
    r1.await_established()
    wait_until(lambda: peer.route(OURS), f"{OURS} at the caller", 20)
    wait_until(lambda: r1.has_route(PEER_NETWORK, protocol="bgp"), "route in the kernel", 20)
    summary = r1.show("show bgp summary")
    assert f"\n*{PEER} " in summary
    assert "* - dynamic neighbor\n1 dynamic neighbor(s), limit 5\n" in summary
    assert f"    {PEER} (dynamic) Established \n" in r1.show("show bgp peer-group DYN")
    assert PEER not in r1.show("show running-config")

    r1.shell("clear bgp peer-group DYN")
    wait_until(lambda: r1.is_established(), "it called again", 30)

    r1.configure("router bgp 65001", "no bgp listen range 192.168.1.0/24 peer-group DYN")
    assert "BGP neighbor is" not in r1.show("show bgp neighbors")
    wait_until(lambda: not r1.has_route(PEER_NETWORK), "route gone", 20)


def test_caller_goes(lab: Lab, r1: Ferro) -> None:
    """A caller that dies is forgotten together with its routes; a shut group takes nobody."""
    peer = joined(lab, r1, "bird")
    r1.begin(RANGE)
    peer.begin()
    r1.await_established()
    peer.freeze()
    wait_until(lambda: "dynamicPeers\":0" in r1.show("show bgp summary json").replace(" ", "")
               or "No BGP neighbors" in r1.show("show bgp summary"), "forgotten", 30)
    wait_until(lambda: not r1.has_route(PEER_NETWORK), "route gone", 20)
    r1.configure("router bgp 65001", "neighbor DYN shutdown")
    peer.thaw()
    assert "BGP neighbor is" not in r1.show("show bgp neighbors")
    r1.configure("router bgp 65001", "no neighbor DYN shutdown")
    r1.await_established()


def test_range_with_password(lab: Lab, r1: Ferro) -> None:
    """The group's key holds for the whole range: without it nobody gets in, with it one does."""
    peer = joined(lab, r1, "frr")
    r1.begin(RANGE.replace(" neighbor DYN timers 3 9", " neighbor DYN timers 3 9\n"
                           " neighbor DYN password s3cret"))
    peer.begin()
    with pytest.raises(Exception):
        r1.await_established(seconds=5)
    peer.vtysh("configure terminal", "router bgp 65002", "neighbor 192.168.1.1 password s3cret")
    r1.await_established()
