# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration files: the examples, faults and how they are told, reload, saving."""
from __future__ import annotations

import pathlib
import re
import signal
import time

import pytest

from confs import HEAD, SEED, open_conf
from lab import CONF_EXAMPLES, Ferro, wait_until

EXAMPLES = sorted(p.name for p in CONF_EXAMPLES.glob("*.conf"))
BAD = """hostname r1
router bgp 65001
 neighbor 10.0.0.61 remote-as 65061
 neighbor 10.0.0.61 foobar 7
 neighbor 10.0.0.62 remote-as 65062
!
frobnicate now
"""


def tells_of(text: str, number: int, line: str) -> bool:
    """FRR has two wordings for a line it does not know: its daemons' and vtysh's."""
    wording = (r"(No such command on config line %d: +|line %d: % Unknown command\[\d+\]: +)"
               .replace("%d", str(number)))
    return re.search(wording + re.escape(line), text) is not None


def running(r1: Ferro) -> str:
    """The running configuration without its frame."""
    text = r1.show("show running-config")
    head, end = "Building configuration...\n\nCurrent configuration:\n", "end\n"
    assert text.startswith(head) and text.endswith(end)
    return text[len(head):-len(end)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_valid(r1: Ferro, name: str) -> None:
    done = r1.bgpd("-C", "-f", str(CONF_EXAMPLES / name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_reloads_to_itself(r1: Ferro, name: str) -> None:
    """What Ferro prints of a configuration is a configuration that prints the same."""
    r1.stub("eth0", "eth1", "swp1", "swp2")
    r1.begin((CONF_EXAMPLES / name).read_text())
    first = running(r1)
    assert "router bgp" in first
    assert r1.end() == 0
    r1.begin(first)
    assert running(r1) == first


def test_seed_prints_as_frr(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(HEAD + SEED)
    text = running(r1)
    assert text.split("frr defaults", 1)[1] == """ traditional
hostname r1
log file /var/log/frr/bgpd.log
service integrated-vtysh-config
!
interface eth0
 ip address 192.168.1.1/24
exit
!
router bgp 65001
 bgp router-id 192.168.1.1
 timers bgp 10 30
 bgp tcp-keepalive 60 10 6
 neighbor 192.168.1.2 remote-as 65002
 neighbor 192.168.1.2 timers connect 10
 !
 address-family ipv4 unicast
  network 10.244.0.0/24
 exit-address-family
exit
!
"""


def test_default_files(r1: Ferro) -> None:
    """Without -f: /etc/frr/bgpd.conf if it is there, else /etc/frr/frr.conf."""
    (r1.etc / "frr.conf").write_text("router bgp 65001\n")
    assert r1.bgpd("-C").returncode == 0
    (r1.etc / "bgpd.conf").write_text("router bgp 65001\n frobnicate\n")
    assert r1.bgpd("-C").returncode != 0
    (r1.etc / "bgpd.conf").unlink()
    (r1.etc / "frr.conf").write_text("router bgp 65001\n frobnicate\n")
    assert r1.bgpd("-C").returncode != 0


def test_check_tells_every_fault(r1: Ferro, tmp_path: pathlib.Path) -> None:
    """-C: file, line number and FRR's words; exit status not zero; no traces left."""
    file = tmp_path / "bad.conf"
    file.write_text(BAD)
    done = r1.bgpd("-C", "-f", str(file))
    assert done.returncode != 0
    said = (done.stdout + done.stderr).splitlines()
    for number, line in ((4, "neighbor 10.0.0.61 foobar 7"), (7, "frobnicate now")):
        (match,) = [s for s in said if s.endswith(line)]
        assert tells_of(match, number, line) and str(file) in match
    assert not list(r1.run_dir.iterdir())


def test_missing_file(r1: Ferro) -> None:
    done = r1.bgpd("-C", "-f", "/etc/frr/none.conf")
    assert done.returncode != 0
    assert "/etc/frr/none.conf" in done.stdout + done.stderr


def test_unknown_lines_are_skipped(r1: Ferro) -> None:
    """The rest of the file is loaded, as FRR does."""
    r1.begin("log file /var/log/frr/bgpd.log\n" + BAD)
    text = running(r1)
    assert "neighbor 10.0.0.61 remote-as 65061" in text
    assert "neighbor 10.0.0.62 remote-as 65062" in text
    assert "foobar" not in text and "frobnicate" not in text
    assert r1.daemon
    told = r1.logged() + r1.daemon.printed()
    assert tells_of(told, 5, "neighbor 10.0.0.61 foobar 7") and tells_of(told, 8, "frobnicate now")
    assert "/etc/frr/frr.conf" in told


def test_nul_in_a_file(r1: Ferro, tmp_path: pathlib.Path) -> None:
    """A damaged line is reported; what follows is loaded all the same."""
    damaged = "router bgp 65001\n bgp router-id 1.\0.3.4\n neighbor 10.0.0.61 remote-as 65061\n"
    file = tmp_path / "damaged.conf"
    file.write_text(damaged)
    done = r1.bgpd("-C", "-f", str(file))
    assert done.returncode == 1
    assert "line 2" in done.stderr and "1.?.3.4" in done.stderr
    r1.begin(damaged)
    assert "neighbor 10.0.0.61 remote-as 65061" in running(r1)
    r1.shell("configure terminal", "no router bgp 65001")
    loaded = r1.shell(options=("-f", str(file)))
    assert "line 2" in loaded.stdout + loaded.stderr
    assert "neighbor 10.0.0.61 remote-as 65061" in running(r1)


def test_reload(r1: Ferro) -> None:
    """SIGHUP: the file is read again; what did not change is not touched."""
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    assert r1.daemon
    r1.daemon.signal(signal.SIGHUP)
    time.sleep(0.5)
    assert running(r1) == before
    r1.conf.write_text(open_conf("network 10.77.0.0/16", "neighbor 192.168.1.9 remote-as 65009"))
    r1.daemon.signal(signal.SIGHUP)
    wait_until(lambda: "network 10.77.0.0/16" in running(r1), "the new network", 10)
    assert "neighbor 192.168.1.9 remote-as 65009" in running(r1)
    r1.conf.write_text(open_conf())
    r1.daemon.signal(signal.SIGHUP)
    wait_until(lambda: running(r1) == before, "the old configuration", 10)


def test_write_and_start_again(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    r1.configure("router bgp 65001", "neighbor 192.168.1.7 remote-as 65007",
                 "neighbor 192.168.1.7 description lucky one", "network 10.7.0.0/16")
    said = r1.show("write")
    assert "Integrated configuration saved to /etc/frr/frr.conf\n[OK]\n" in said
    text = running(r1)
    assert r1.end() == 0
    saved = r1.conf.read_text()
    assert "neighbor 192.168.1.7 description lucky one" in saved
    r1.begin(saved)
    assert running(r1) == text


def test_typed_statements_and_their_no(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    lines = ["neighbor 192.168.1.3 remote-as 65003", "neighbor 192.168.1.3 description three",
             "neighbor 192.168.1.3 timers 5 15", "neighbor 192.168.1.3 shutdown",
             "network 10.3.0.0/16", "bgp log-neighbor-changes", "timers bgp 4 12"]
    r1.configure("router bgp 65001", *lines)
    text = running(r1)
    for line in lines:
        assert f" {line}\n" in text
    r1.configure("router bgp 65001", "no network 10.3.0.0/16", "no bgp log-neighbor-changes",
                 "timers bgp 3 9", "no neighbor 192.168.1.3")
    assert running(r1) == before


def test_refused_line_changes_nothing(r1: Ferro) -> None:
    r1.begin(open_conf())
    before = running(r1)
    for bad in ("neighbor 192.168.1.2 remote-as 0", "neighbor 192.168.1.256 remote-as 65002",
                "network 10.0.0.0/33", "timers bgp 10 70000", "neighbor 192.168.1.2 frob",
                "neighbor 192.168.1.2 password " + 81 * "p"):
        done = r1.shell("configure terminal", "router bgp 65001", bad)
        assert done.returncode != 0, bad
        assert done.stdout.startswith("% "), bad
    assert running(r1) == before


OLD = "hostname r1\n!\nrouter bgp 65001\n neighbor 10.0.0.2 remote-as 65002\n"


@pytest.mark.parametrize("head, said", [
    # what FRR 8.4 makes of the first three, as far as the statements are Ferro's
    ("frr version 7.3\nfrr defaults traditional\n",
     [" no bgp ebgp-requires-policy", " no bgp network import-check",
      " no neighbor 10.0.0.2 enforce-first-as"]),
    ("frr version 7.5\nfrr defaults traditional\n", [" no neighbor 10.0.0.2 enforce-first-as"]),
    ("frr version 7.3\nfrr defaults datacenter\n", [" no neighbor 10.0.0.2 enforce-first-as"]),
    ("frr version 10.1\nfrr defaults traditional\n", []),
    ("frr version nonsense\nfrr defaults traditional\n", []),
    ("", []),
])
def test_release_of_the_file_selects_its_defaults(r1: Ferro, head: str, said: list[str]) -> None:
    r1.begin(head + OLD)
    text = running(r1)
    assert "frr version 10.8\n" in text
    assert [line for line in text.splitlines() if line.startswith(" no ")] == said
    # what is saved is a file of our release that means the same
    assert r1.end() == 0
    r1.begin(text)
    assert running(r1) == text


def test_default_shutdown_is_for_new_neighbors(r1: Ferro) -> None:
    """As FRR 8.4: said once, when a neighbor is made; groups are not shut down, their members are."""
    r1.begin("hostname r1\nrouter bgp 65001\n neighbor 10.0.0.9 remote-as 65002\n bgp default shutdown\n"
             " neighbor G peer-group\n neighbor G remote-as 65003\n neighbor 10.0.0.2 remote-as 65002\n"
             " neighbor 10.0.0.3 peer-group G\n no neighbor 10.0.0.2 shutdown\n"
             " neighbor 10.0.0.2 remote-as 65005\n")
    down = [line.split()[1] for line in running(r1).splitlines() if line.endswith(" shutdown")]
    assert down == ["10.0.0.3", "default"], "and the switch is printed behind the neighbors"


def test_log_file_that_cannot_be_opened(r1: Ferro) -> None:
    """FRR tells and keeps the statement."""
    r1.begin(SEED)
    done = r1.shell("configure terminal", "log file /nonexistent/dir/x.log")
    assert (done.returncode, done.stdout) == (0, "% Can't open log file /nonexistent/dir/x.log\n")
    assert "\nlog file /nonexistent/dir/x.log\n" in running(r1)
