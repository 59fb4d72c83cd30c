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


# --- Ansible ------------------------------------------------------------------------------------------

SSHD = """HostKey {home}/host
ListenAddress 127.0.0.1:2222
PidFile none
UsePAM no
StrictModes no
AuthorizedKeysFile {home}/key.pub
ForceCommand {vtysh}
PrintMotd no
"""

INVENTORY = """r1 ansible_host=127.0.0.1 ansible_port=2222 ansible_user=root \
ansible_ssh_private_key_file={home}/key ansible_connection=ansible.netcommon.network_cli \
ansible_network_os=frr.frr.frr ansible_python_interpreter=/usr/bin/python3
"""

PLAYBOOK = """- hosts: r1
  gather_facts: no
  tasks:
  - name: facts
    frr.frr.frr_facts:
      gather_subset: all
  - name: merge
    frr.frr.frr_bgp: &merge
      config:
        bgp_as: 65001
        neighbors:
          - {neighbor: 10.0.0.5, remote_as: 64496, timers: {keepalive: 10, holdtime: 30}}
        networks:
          - {prefix: 10.7.0.0, masklen: 16}
      operation: merge
  - name: again
    frr.frr.frr_bgp: *merge
  - name: command
    ansible.netcommon.cli_command:
      command: show bgp summary
  - name: configuration
    ansible.netcommon.cli_config:
      config: "router bgp 65001\\n neighbor 10.0.0.6 remote-as 64497"
  - name: fault
    ansible.netcommon.cli_command:
      command: show nonsense
    ignore_errors: true
"""


def play(node: Ferro) -> dict[str, dict[str, Any]]:
    """What each task gave. Ansible logs in by ssh, where our shell is the login shell."""
    home = node.dir / "home"
    node.sh(f"ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f {home}/key && ssh-keygen -q -t ecdsa -N ''"
            f" -f {home}/host && mkdir -p /run/sshd && chmod 755 /run /run/sshd")
    (home / "sshd_config").write_text(SSHD.format(home=home, vtysh=VTYSH))
    (home / "hosts").write_text(INVENTORY.format(home=home))
    (home / "play.yml").write_text(PLAYBOOK)
    sshd = node.start(["/usr/sbin/sshd", "-D", "-e", "-f", str(home / "sshd_config")])
    wait_until(lambda: "listening" in sshd.printed(), "sshd listens", 10)
    try:
        done = node.run(["/usr/bin/ansible-playbook", "-i", str(home / "hosts"), str(home / "play.yml")],
                        seconds=180, env={
                            "PATH": "/usr/bin:/usr/sbin:/bin:/sbin", "ANSIBLE_STDOUT_CALLBACK": "json",
                            "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_LOCAL_TEMP": f"{home}/tmp",
                            "ANSIBLE_NETWORK_CLI_SSH_TYPE": "paramiko",
                            "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": f"{home}/control"})
    finally:
        sshd.stop()
    if done.returncode:
        raise LabError(f"ansible-playbook: exit {done.returncode}: {done.stdout}{done.stderr}")
    tasks = json.loads(done.stdout)["plays"][0]["tasks"]
    return {task["task"]["name"]: task["hosts"]["r1"] for task in tasks}


def test_ansible(r1: Ferro) -> None:
    """The frr.frr collection: facts, a change, the same change again, a fault."""
    r1.stub("eth0")
    r1.begin(open_conf())
    done = play(r1)
    facts = done["facts"]["ansible_facts"]
    assert facts["ansible_net_hostname"] == "r1" and "ferro" in facts["ansible_net_version"]
    assert "router bgp 65001\n" in facts["ansible_net_config"]
    assert facts["ansible_net_interfaces"]["eth0"]["operstatus"] == "up"
    assert facts["ansible_net_mem_stats"]["bgpd"]
    assert done["merge"]["commands"] == [
        "router bgp 65001", "neighbor 10.0.0.5 remote-as 64496", "neighbor 10.0.0.5 timers 10 30",
        "network 10.7.0.0/16", "exit"]
    assert done["again"]["changed"] is False
    assert "192.168.1.2" in done["command"]["stdout"]
    assert done["fault"]["failed"] and "% Unknown command" in done["fault"]["msg"]
    shown = running(r1)
    for line in ("neighbor 10.0.0.5 timers 10 30", " network 10.7.0.0/16", "neighbor 10.0.0.6 remote-as 64497"):
        assert f" {line}\n" in shown
