# SPDX-License-Identifier: GPL-2.0-or-later
"""The seed configuration against FRR, BIRD 2 and GoBGP: sessions, routes both ways, losses."""
from __future__ import annotations

import re
from typing import Any

import pytest

from confs import HEAD, SEED, open_conf
from lab import Ferro, Lab, holds, wait_until
from peers import KINDS, PEER, PEER_COMMUNITY, PEER_MED, PEER_NETWORK, joined

OURS = "10.244.0.0/24"
KERNEL = {"protocol": "bgp", "metric": 20, "gateway": PEER, "dev": "eth0"}


@pytest.fixture(params=sorted(KINDS))
def peer(request: pytest.FixtureRequest, lab: Lab, r1: Ferro) -> Any:
    """The peer's machine, cabled to r1's eth0; its speaker is not started."""
    return joined(lab, r1, request.param)


def up(r1: Ferro, peer: Any, conf: str, **how: Any) -> None:
    r1.begin(conf)
    peer.begin(**how)
    r1.await_established()
    wait_until(peer.is_established, f"{peer.name}: Established", 30)


def await_route(r1: Ferro, prefix: str = PEER_NETWORK) -> None:
    wait_until(lambda: r1.has_route(prefix, **KERNEL), f"{prefix} in r1's kernel", 20)


def await_no_route(r1: Ferro, prefix: str = PEER_NETWORK, seconds: float = 20) -> None:
    wait_until(lambda: not r1.has_route(prefix), f"{prefix} gone from r1's kernel", seconds)


def test_seed_unchanged(r1: Ferro, peer: Any) -> None:
    """The tutorial's configuration: up, but RFC 8212 keeps routes from being exchanged."""
    r1.begin(HEAD + SEED)
    peer.begin()
    r1.await_established()
    assert holds(lambda: peer.route(OURS) is None and not r1.has_route(PEER_NETWORK), 3)
    assert "(Policy)" in r1.show("show ip bgp summary")


def test_routes_both_ways(r1: Ferro, peer: Any) -> None:
    up(r1, peer, open_conf())

    seen = wait_until(lambda: peer.route(OURS), f"{OURS} at {peer.name}", 20)
    assert seen == {"as_path": [65001], "next_hop": "192.168.1.1", "origin": "igp", "med": 0}

    await_route(r1)
    (path,) = wait_until(lambda: r1.paths(PEER_NETWORK), "a path in r1's table", 10)
    assert path["aspath"]["string"] == "65002"
    assert path["origin"] == "IGP"
    assert path["metric"] == PEER_MED
    assert path["community"]["string"] == PEER_COMMUNITY
    assert path["valid"] is True and path["bestpath"]["overall"] is True
    assert path["nexthops"][0]["ip"] == PEER
    assert path["peer"]["peerId"] == PEER
    assert path["peer"]["type"] == "external"

    line = next(l for l in r1.show("show ip bgp").splitlines() if PEER_NETWORK in l)
    assert line.split() == ["*>", PEER_NETWORK, PEER, str(PEER_MED), "0", "65002", "i"]
    route = next(l for l in r1.show("show ip route").splitlines() if PEER_NETWORK in l)
    assert route.startswith(f"B>* {PEER_NETWORK} [20/{PEER_MED}] via {PEER}, eth0, weight 1, ")


def test_changes_follow(r1: Ferro, peer: Any) -> None:
    """A network that comes and goes, on each side, while the session stays up."""
    up(r1, peer, open_conf())
    await_route(r1)
    peer.announce("10.246.0.0/16")
    await_route(r1, "10.246.0.0/16")
    peer.withdraw("10.246.0.0/16")
    await_no_route(r1, "10.246.0.0/16")
    assert r1.has_route(PEER_NETWORK, **KERNEL)

    r1.configure("router bgp 65001", "network 10.250.0.0/16")
    wait_until(lambda: peer.route("10.250.0.0/16"), f"new network at {peer.name}", 20)
    r1.configure("router bgp 65001", "no network 10.250.0.0/16")
    wait_until(lambda: not peer.route("10.250.0.0/16"), f"old network gone at {peer.name}", 20)
    assert peer.route(OURS)


def test_hold_timer(r1: Ferro, peer: Any) -> None:
    """A peer that says nothing any more is given up after the hold time, and found again."""
    up(r1, peer, open_conf(keepalive=1, hold=3), hold=3)
    await_route(r1)
    peer.freeze()
    wait_until(lambda: not r1.is_established(), "the session is given up", 12)
    await_no_route(r1)
    neighbor = r1.show_json("show bgp neighbors")[PEER]
    assert neighbor["lastNotificationReason"] == "Hold Timer Expired"
    peer.thaw()
    r1.await_established()
    await_route(r1)


def test_peer_restart(r1: Ferro, peer: Any) -> None:
    up(r1, peer, open_conf())
    await_route(r1)
    peer.kill()
    wait_until(lambda: not r1.is_established(), "the loss is seen", 15)
    await_no_route(r1)
    peer.begin()
    r1.await_established()
    await_route(r1)
    wait_until(lambda: peer.route(OURS), f"{OURS} at {peer.name}", 20)


@pytest.mark.parametrize("command", ["clear bgp *", f"clear ip bgp {PEER}"])
def test_clear(r1: Ferro, peer: Any, command: str) -> None:
    up(r1, peer, open_conf())
    await_route(r1)
    before = r1.show_json("show bgp neighbors")[PEER]["connectionsDropped"]
    assert r1.show(command) == ""
    wait_until(lambda: r1.show_json("show bgp neighbors")[PEER]["connectionsDropped"] == before + 1,
               "the session is closed", 10)
    r1.await_established()
    await_route(r1)
    wait_until(lambda: peer.route(OURS), f"{OURS} at {peer.name}", 20)


def test_clear_soft(r1: Ferro, peer: Any) -> None:
    """Soft: the routes are there again, the session never went away."""
    up(r1, peer, open_conf())
    await_route(r1)
    for direction in ("", " in", " out"):
        assert r1.show(f"clear ip bgp {PEER} soft{direction}") == ""
    assert holds(lambda: r1.is_established() and r1.has_route(PEER_NETWORK, **KERNEL), 2)
    assert peer.route(OURS)
    assert r1.show_json("show bgp neighbors")[PEER]["connectionsDropped"] == 0


def test_bad_peer_as(r1: Ferro, peer: Any) -> None:
    """The peer's OPEN has another AS number than configured: OPEN Message Error/Bad Peer AS."""
    r1.begin(open_conf())
    peer.begin(asn=65099)
    wait_until(lambda: "Bad Peer AS" in r1.show(f"show bgp neighbors {PEER}"), "our reason", 30)
    assert holds(lambda: not r1.is_established(), 2)
    assert not r1.has_route(PEER_NETWORK)


def test_same_router_id(r1: Ferro, peer: Any) -> None:
    """One identifier in two ASes is legal (RFC 6286); inside one AS see test_open.py."""
    up(r1, peer, open_conf(), router_id="192.168.1.1")
    await_route(r1)


def test_no_router_bgp(r1: Ferro, peer: Any) -> None:
    """Routes go from the kernel, and those of others stay."""
    up(r1, peer, open_conf())
    await_route(r1)
    r1.sh("ip route add 10.99.0.0/16 via 192.168.1.2 proto 4 metric 7")
    r1.sh("ip route add 10.98.0.0/16 via 192.168.1.2 proto bgp metric 77")
    r1.configure("no router bgp 65001")
    await_no_route(r1)
    assert r1.has_route("10.99.0.0/16", metric=7)
    assert r1.has_route("10.98.0.0/16", metric=77)
    wait_until(lambda: not peer.is_established(), f"{peer.name} sees the end", 15)
    assert "router bgp" not in r1.show("show running-config")


# How each peer's log tells of a NOTIFICATION: (Bad Peer AS, Administrative Reset). GoBGP says nothing
# of one that comes before the session is up.
TOLD = {
    "frr": (r"received from neighbor 192\.168\.1\.1 2/2 \(OPEN Message Error/Bad Peer AS\)",
            r"received from neighbor 192\.168\.1\.1 6/4 \(Cease/Administrative Reset\)"),
    "bird": (r"Received: Bad peer AS", r"Received: Administrative reset"),
    "gobgp": (r"BGP_FSM_IDLE", r"code 6\(cease\) subcode 4\(administrative reset\)"),
}


def test_peer_is_told_why(r1: Ferro, peer: Any) -> None:
    """The NOTIFICATION's code arrives: Bad Peer AS, and after a clear Administrative Reset."""
    bad_as, reset = TOLD[peer.name]
    r1.begin(open_conf().replace("remote-as 65002", "remote-as 65003"))
    peer.begin()
    wait_until(lambda: re.search(bad_as, peer.log_text()), f"{peer.name} told of a bad AS", 30)
    r1.configure("router bgp 65001", f"neighbor {PEER} remote-as 65002")
    r1.await_established()
    r1.show("clear bgp *")
    wait_until(lambda: re.search(reset, peer.log_text()), f"{peer.name} told of the reset", 15)
