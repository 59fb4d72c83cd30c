# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs made for FRR, as Debian ships them, run unchanged against Ferro."""
from __future__ import annotations

import json
import pathlib
import re
import signal
from typing import Any

import pytest

from confs import open_conf
from lab import VTYSH, Ferro, Lab, LabError, holds, wait_until
from peers import PEER, joined

FRR_VTYSH = "/usr/bin/vtysh"
RELOAD = "/usr/lib/frr/frr-reload.py"
EXPORTER = "/usr/bin/prometheus-frr-exporter"
METRICS = "127.0.0.1:9342"


@pytest.fixture
def live(lab: Lab, r1: Ferro) -> Ferro:
    """r1 with a session to FRR, and a second neighbor that is not there."""
    peer = joined(lab, r1, "frr")
    r1.begin(open_conf(f"neighbor {PEER} description upstream", "neighbor 192.168.1.3 remote-as 65003",
                       "neighbor 192.168.1.4 remote-as 65004", "neighbor 192.168.1.4 shutdown"))
    peer.begin()
    r1.await_established()
    wait_until(lambda: r1.paths("10.245.0.0/24"), "the peer's route", 15)
    return r1


def sessions_so_far(node: Ferro) -> int:
    return node.show_json("show bgp neighbors")[PEER]["connectionsEstablished"]


def running(node: Ferro) -> str:
    """As `write` saves it."""
    return node.show("show running-config no-header").removesuffix("end\n")


# --- FRR's vtysh ----------------------------------------------------------------------------------


def frr_vtysh(node: Ferro, *args: str, status: int = 0) -> str:
    done = node.run([FRR_VTYSH, *args])
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_frr_vtysh_shows(live: Ferro) -> None:
    """What it passes on arrives whole; JSON is one document although it asks every socket."""
    assert frr_vtysh(live, "-c", "show ip bgp") == live.show("show ip bgp")
    summary = json.loads(frr_vtysh(live, "-c", "show bgp ipv4 unicast summary json"))
    assert summary["peers"][PEER]["state"] == "Established"
    routes = json.loads(frr_vtysh(live, "-c", "show ip route json"))
    assert routes["10.245.0.0/24"][0]["protocol"] == "bgp"


def test_frr_vtysh_boots_and_writes(live: Ferro) -> None:
    """-b of the file that runs already changes nothing; write saves what runs."""
    before = running(live)
    frr_vtysh(live, "-b")
    assert running(live) == before and sessions_so_far(live) == 1
    frr_vtysh(live, "-c", "configure terminal", "-c", "router bgp 65001", "-c",
              "neighbor 192.168.1.9 remote-as 65009")
    frr_vtysh(live, "-c", "write memory")
    saved = live.conf.read_text()
    assert " neighbor 192.168.1.9 remote-as 65009\n" in saved
    live.end()
    live.begin(saved)
    assert running(live) == saved


# --- frr-reload.py --------------------------------------------------------------------------------


def reload(node: Ferro, *args: str, status: int = 0) -> str:
    done = node.run([RELOAD, "--stdout", "--bindir", str(pathlib.Path(VTYSH).parent), *args],
                    seconds=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def to_do(node: Ferro, path: str) -> list[str]:
    """What --test would do."""
    lines = [line.strip() for line in reload(node, "--test", path).splitlines()]
    start = [i for i, line in enumerate(lines) if line in ("Lines To Delete", "Lines To Add")]
    return [line for line in lines[start[0]:] if line and line[0] not in "L="] if start else []


def test_reload_of_the_same_file(live: Ferro) -> None:
    """Nothing to do: nothing happens, neither to the session nor to the routes."""
    (live.etc / "same.conf").write_text(running(live))
    uptime = live.show_json("show bgp neighbors")[PEER]["bgpTimerUpEstablishedEpoch"]
    assert to_do(live, "/etc/frr/same.conf") == []
    reload(live, "--reload", "/etc/frr/same.conf")
    assert "Executed" not in reload(live, "--reload", "--overwrite", "/etc/frr/same.conf")
    assert abs(live.show_json("show bgp neighbors")[PEER]["bgpTimerUpEstablishedEpoch"] - uptime) <= 1
    assert sessions_so_far(live) == 1


def test_reload_applies_changes(live: Ferro) -> None:
    wanted = (running(live)
              .replace(f" neighbor {PEER} timers connect 2\n", f" neighbor {PEER} timers connect 3\n")
              .replace(" neighbor 192.168.1.3 remote-as 65003\n", "")
              .replace(" neighbor 192.168.1.4 shutdown\n", " neighbor 192.168.1.4 description later\n")
              .replace("  network 10.244.0.0/24\n", "  network 10.247.0.0/24\n")
              .replace(" exit-address-family\n", " exit-address-family\n !\n address-family ipv6 unicast\n"
                       f"  neighbor {PEER} activate\n exit-address-family\n"))
    (live.etc / "new.conf").write_text(wanted)
    assert "neighbor 192.168.1.4 description later" in to_do(live, "/etc/frr/new.conf")
    reload(live, "--reload", "--overwrite", "/etc/frr/new.conf")
    assert running(live) == wanted
    assert to_do(live, "/etc/frr/new.conf") == []
    assert live.conf.read_text() == wanted  # --overwrite writes


def test_reload_of_a_faulty_file(live: Ferro) -> None:
    """-m refuses it, so nothing is touched, and the exit status says so."""
    before = running(live)
    (live.etc / "bad.conf").write_text(before.replace(" neighbor 192.168.1.3", " neighbour 192.168.1.3"))
    said = reload(live, "--reload", "/etc/frr/bad.conf", status=1)
    assert "failed to process new configuration" in said
    assert running(live) == before


# --- prometheus-frr-exporter ------------------------------------------------------------------------


def scrape(node: Ferro, *options: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Metrics by name and labels."""
    exporter = node.start([EXPORTER, f"--web.listen-address={METRICS}", *options])
    try:
        def ask() -> str:
            done = node.run(["curl", "-s", f"http://{METRICS}/metrics"])
            return done.stdout
        text = wait_until(ask, "the exporter answers", 15)
    finally:
        exporter.signal(signal.SIGKILL)
        exporter.exit_status()
    found = {}
    for name, labels, value in re.findall(r"^(frr_\w+)\{(.*)\} (\S+)$", text, re.M):
        found[name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))] = float(value)
    return found


def test_exporter(live: Ferro) -> None:
    """Its default way, by socket: each number is what the shell shows."""
    metrics = scrape(live, "--collector.bgp6", "--collector.bgp.peer-descriptions",
                     "--collector.bgp.peer-descriptions.plain-text")
    family = {("afi", "ipv4"), ("safi", "unicast"), ("vrf", "default"), ("local_as", "65001")}

    def metric(name: str, peer: str = "", peer_as: str = "", desc: str = "") -> float:
        labels = set(family)
        if peer:
            labels |= {("peer", peer), ("peer_as", peer_as), ("peer_desc", desc)}
        return metrics[name, frozenset(labels)]

    assert metrics["frr_collector_up", frozenset({("collector", "bgp")})] == 1
    assert metrics["frr_collector_up", frozenset({("collector", "bgp6")})] == 1
    up = (PEER, "65002", "upstream")
    assert metric("frr_bgp_peer_state", *up) == 1
    assert metric("frr_bgp_peer_prefixes_received_count_total", *up) == 1
    assert metric("frr_bgp_peer_prefixes_advertised_count_total", *up) == 2
    assert 0 <= metric("frr_bgp_peer_uptime_seconds", *up) < 60
    assert 2 <= metric("frr_bgp_peer_message_received_total", *up) < 100
    assert 2 <= metric("frr_bgp_peer_message_sent_total", *up) < 100
    assert metric("frr_bgp_peer_state", "192.168.1.3", "65003") == 0
    assert metric("frr_bgp_peer_state", "192.168.1.4", "65004") == 2  # shut down
    assert metric("frr_bgp_peers_count_total") == 3
    assert metric("frr_bgp_rib_count_total") == 2


def test_exporter_through_vtysh(live: Ferro) -> None:
    """--frr.vtysh, with ours."""
    metrics = scrape(live, "--frr.vtysh", f"--frr.vtysh.path={VTYSH}")
    states = {dict(labels)["peer"]: value for (name, labels), value in metrics.items()
              if name == "frr_bgp_peer_state"}
    assert states == {PEER: 1, "192.168.1.3": 0, "192.168.1.4": 2}
