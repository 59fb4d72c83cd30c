# SPDX-License-Identifier: GPL-2.0-or-later
"""maximum-prefix and default-originate with FRR, BIRD and GoBGP on the other side."""
from __future__ import annotations

from typing import Any

import pytest

from confs import HEAD
from lab import Ferro, Lab, holds, wait_until
from peers import KINDS, PEER, PEER_NETWORK, joined

DEFAULT = "0.0.0.0/0"
CONF = HEAD + f"""router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {PEER} remote-as 65002
 neighbor {PEER} timers 3 9
 neighbor {PEER} timers connect 2
 address-family ipv4 unicast
  network 10.244.0.0/24
"""


@pytest.fixture(params=sorted(KINDS))
def peer(request: pytest.FixtureRequest, lab: Lab, r1: Ferro) -> Any:
    return joined(lab, r1, request.param)


def in_family(r1: Ferro, line: str) -> None:
    r1.configure("router bgp 65001", "address-family ipv4 unicast", line)


def test_default_originate(r1: Ferro, peer: Any) -> None:
    """The peer gets a default route that we do not have, and loses it without losing the rest."""
    r1.begin(CONF)
    peer.begin()
    r1.await_established()
    wait_until(lambda: peer.route("10.244.0.0/24"), "our network at the peer", 20)
    assert peer.route(DEFAULT) is None
    in_family(r1, f"neighbor {PEER} default-originate")
    route = wait_until(lambda: peer.route(DEFAULT), "a default route at the peer", 20)
    assert route["as_path"] == [65001] and route["next_hop"] == "192.168.1.1"
    shown = r1.show(f"show bgp neighbors {PEER}")
    assert "  Default information originate, default sent\n" in shown
    sent = r1.show(f"show bgp ipv4 unicast neighbors {PEER} advertised-routes")
    assert "\nOriginating default network 0.0.0.0/0\n" in sent
    assert DEFAULT not in r1.show("show ip bgp")

    in_family(r1, f"no neighbor {PEER} default-originate")
    wait_until(lambda: peer.route(DEFAULT) is None, "the default route gone", 20)
    assert peer.route("10.244.0.0/24")
    assert r1.is_established()


def test_maximum_prefix(r1: Ferro, peer: Any) -> None:
    """One too many ends the session, for good; cleared and with more room it comes back."""
    r1.begin(CONF + f"  neighbor {PEER} maximum-prefix 2\n")
    peer.begin()
    r1.await_established()
    peer.announce("10.246.0.0/24")
    wait_until(lambda: r1.has_route("10.246.0.0/24"), "the second one in the kernel", 20)
    assert r1.is_established()
    peer.announce("10.247.0.0/24")
    wait_until(lambda: "Idle (PfxCt)" in r1.show("show bgp summary"), "the session ended", 20)
    shown = r1.show(f"show bgp neighbors {PEER}")
    assert "Reached received prefix count" in shown
    assert f"clear ip bgp {PEER} to restore peering" in shown
    r1.await_logged("%MAXPFXEXCEED: No. of IPv4 Unicast prefix received")
    wait_until(lambda: not r1.has_route(PEER_NETWORK), "its routes gone", 20)
    assert holds(lambda: "Idle (PfxCt)" in r1.show("show bgp summary"), 4)

    in_family(r1, f"neighbor {PEER} maximum-prefix 3 90 warning-only")
    r1.await_established()
    wait_until(lambda: r1.has_route("10.247.0.0/24"), "all three in the kernel", 20)
    peer.announce("10.248.0.0/24")
    wait_until(lambda: r1.has_route("10.248.0.0/24"), "a warning is all", 20)
    assert r1.is_established()
