# SPDX-License-Identifier: GPL-2.0-or-later
"""Manners of the daemon: options, pid file, signals, what it does to the machine."""
from __future__ import annotations

import json
import os
import pathlib
import pwd
import re
import signal
import socket

import pytest

from confs import open_conf
from lab import BGPD, VTYSH, Ferro, Lab, holds, sanitizer_env, wait_until
from peers import PEER, PEER_NETWORK, joined


def vty_request(r1: Ferro, daemon: str, *lines: str) -> list[tuple[str, int]]:
    """What a client written for FRR's sockets does: line and NUL; text, then 00 00 00 status."""
    answers = []
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(r1.run_dir / f"{daemon}.vty"))
        for line in lines:
            client.sendall(line.encode() + b"\0")
            data = b""
            while len(data) < 4 or data[-4:-1] != b"\0\0\0":
                more = client.recv(65536)
                assert more, "the daemon closed the socket"
                data += more
            answers.append((data[:-4].decode(), data[-1]))
    return answers


def test_help_and_version(r1: Ferro) -> None:
    for option in ("-h", "--help"):
        done = r1.bgpd(option)
        assert done.returncode == 0
        assert done.stdout.startswith("Usage: bgpd [OPTION...]\n")
        for word in ("-f, --config_file", "-p, --bgp_port", "--vty_socket", "--limit-fds"):
            assert word in done.stdout
    for option in ("-v", "--version"):
        done = r1.bgpd(option)
        assert done.returncode == 0
        assert done.stdout.startswith("bgpd version ")


def test_unknown_option(r1: Ferro) -> None:
    done = r1.bgpd("--nope")
    assert done.returncode == 1
    assert "unrecognized option '--nope'" in done.stderr
    assert "Invalid options." in done.stderr


def test_options_of_frr_that_change_nothing(r1: Ferro) -> None:
    """What stands in `bgpd_options` of /etc/frr/daemons must not keep the daemon from starting."""
    r1.conf.write_text(open_conf())
    done = r1.bgpd("-C", "-z", "/run/frr/zserv.api", "-M", "bgpd_rpki", "-I", "1", "-o", "default",
                   "-w", "-K", "60", "-x", "--tcli", "--moduledir", "/x", "--scriptdir", "/y")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("options", [("-p", "70000"), ("-p", "x"), ("-l", "999.1.1.1"), ("-P", "-1"),
                                     ("-F", "nosuch")], ids=" ".join)
def test_bad_option_value(r1: Ferro, options: tuple[str, ...]) -> None:
    """One clear line, an exit status that is not zero, no daemon."""
    r1.conf.write_text(open_conf())
    done = r1.bgpd("-f", "/etc/frr/frr.conf", *options, seconds=5)
    assert done.returncode != 0
    assert done.stderr.strip()
    assert not (r1.run_dir / "bgpd.vty").exists()


def test_pid_file_and_second_daemon(r1: Ferro) -> None:
    r1.begin(open_conf())
    pid = int((r1.run_dir / "bgpd.pid").read_text())
    assert r1.run(["kill", "-0", str(pid)]).returncode == 0
    second = r1.bgpd("-f", "/etc/frr/frr.conf", "-A", "127.0.0.1", seconds=10)
    assert second.returncode != 0
    assert "pid" in (second.stdout + second.stderr).lower()
    assert int((r1.run_dir / "bgpd.pid").read_text()) == pid
    first, second = r1.show("show version").splitlines()[:2]
    assert re.fullmatch(r"FRRouting 10\.8-ferro-\d+\.\d+ \(\S+\) on Linux\(\S+\)\.", first)
    assert second.startswith("Ferro ")


def test_daemon_mode(r1: Ferro) -> None:
    """-d: the parent ends with status 0 once the daemon answers."""
    r1.conf.write_text(open_conf())
    done = r1.bgpd("-d", "-f", "/etc/frr/frr.conf", "-A", "127.0.0.1", "-i", "/run/frr/other.pid")
    assert done.returncode == 0, done.stderr
    wait_until((r1.run_dir / "other.pid").exists, "the pid file", 5)
    wait_until(lambda: r1.shell("show version").returncode == 0, "an answer", 10)
    pid = (r1.run_dir / "other.pid").read_text().strip()
    r1.sh(["kill", pid])
    wait_until(lambda: r1.run(["kill", "-0", pid]).returncode != 0, "the end", 15)


def test_another_user(lab: Lab, r1: Ferro) -> None:
    """-u and -g: three capabilities are left, the kernel still gets routes, the user's own shell
    reaches the sockets and may save."""
    peer = joined(lab, r1, "bird")
    peer.begin()
    for folder in ("/etc/frr", "/run/frr", "/var/log/frr"):
        r1.sh(f"chown frr:frr {folder} && chmod 755 {folder}")
    r1.begin(open_conf(), "-u", "frr", "-g", "frr")
    assert r1.daemon
    status = pathlib.Path(f"/proc/{r1.daemon.pid}/status").read_text()
    assert "CapEff:\t0000000000003400" in status
    assert f"Uid:\t{pwd.getpwnam('frr').pw_uid}\t" in status
    r1.await_established()
    wait_until(lambda: r1.has_route("10.245.0.0/24", protocol="bgp"), "the route in the kernel")
    r1.sh("chown frr:frr /etc/frr/frr.conf")
    frr = ["setpriv", "--reuid", "frr", "--regid", "frr", "--clear-groups"]
    done = r1.run([*frr, VTYSH, "-c", "configure terminal", "-c", "hostname other", "-c", "end",
                   "-c", "write"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hostname other" in r1.conf.read_text()
    assert r1.end() == 0
    assert not r1.has_route("10.245.0.0/24")
    assert not list(r1.run_dir.glob("*.vty"))


def test_service_manager_is_told(r1: Ferro) -> None:
    """sd_notify: ready, alive as often as asked, reloading, stopping. Of two reloads each says when it
    begins and ends, also if the second is asked for while the first is under way."""
    with r1.network(), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(r1.dir / "notify"))
        manager.settimeout(10)
        r1.conf.write_text(open_conf() + "".join(
            f"ip prefix-list MANY seq {i} permit 10.{i >> 8}.{i & 255}.0/24\n" for i in range(1, 20000)))
        env = sanitizer_env(r1) | {"NOTIFY_SOCKET": str(r1.dir / "notify"), "WATCHDOG_USEC": "600000"}
        r1.daemon = r1.start([BGPD, "-A", "127.0.0.1"], env)
        assert manager.recv(100) == b"READY=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        r1.daemon.signal(signal.SIGHUP)
        told = [manager.recv(100)]
        while told.count(b"READY=1") < 2:
            if told.count(b"RELOADING=1") == 1 and told[-1] == b"RELOADING=1":
                r1.daemon.signal(signal.SIGHUP)
            told.append(manager.recv(100))
        assert [text for text in told if text != b"WATCHDOG=1"] == [b"RELOADING=1", b"READY=1"] * 2
        assert r1.end() == 0
        while told[-1] != b"STOPPING=1":
            told.append(manager.recv(100))


def test_vty_socket_elsewhere(r1: Ferro) -> None:
    r1.sh("mkdir /run/other")
    r1.begin(open_conf(), "--vty_socket", "/run/other", wait=False)
    other = r1.dir / "run" / "other"
    wait_until((other / "bgpd.vty").exists, "the socket", 20)
    wait_until(lambda: r1.shell("show version", options=("--vty_socket", "/run/other")).returncode == 0,
               "an answer", 10)
    assert not (r1.run_dir / "bgpd.vty").exists()


def test_sockets_speak_frrs_protocol(r1: Ferro) -> None:
    r1.begin(open_conf())
    for name in ("bgpd", "zebra", "staticd"):
        ((text, status), (_, wrong)) = vty_request(r1, name, "enable", "frobnicate")
        assert (text, status) == ("", 0)
        assert wrong == 2
    answers = vty_request(r1, "bgpd", "enable", "show bgp summary json", "show", "show bgp frob")
    assert answers[1][1] == 0
    assert PEER in json.loads(answers[1][0])["ipv4Unicast"]["peers"]
    assert [status for _, status in answers[2:]] == [4, 2]
    mode = os.stat(r1.run_dir / "bgpd.vty").st_mode
    assert mode & 0o777 in (0o770, 0o775)


def test_log_reopen(r1: Ferro) -> None:
    """SIGUSR1 after a log file was moved away: writing goes on in a new one."""
    r1.begin(open_conf() + "debug bgp neighbor-events\n")
    wait_until(r1.log.exists, "a log", 10)
    r1.log.rename(r1.log_dir / "old.log")
    assert r1.daemon
    r1.daemon.signal(signal.SIGUSR1)
    wait_until(r1.log.exists, "a new log", 10)
    r1.shell("clear bgp *")
    wait_until(lambda: "BGP: [" in r1.logged(), "a line in the new log", 20)


def test_sigint_is_an_end_too(r1: Ferro) -> None:
    r1.begin(open_conf())
    assert r1.daemon
    r1.daemon.signal(signal.SIGINT)
    assert r1.daemon.exit_status() == 0
    assert not (r1.run_dir / "bgpd.pid").exists()


@pytest.mark.parametrize("options", [("-n",), ("-Z",)], ids=" ".join)
def test_keeps_out_of_the_kernel(lab: Lab, r1: Ferro, options: tuple[str, ...]) -> None:
    """Nothing is written, addresses included; what is there already is used."""
    peer = joined(lab, r1, "bird")
    r1.sh("ip addr add 192.168.1.1/24 dev eth0")
    r1.begin(open_conf(), *options)
    peer.begin()
    r1.await_established()
    wait_until(lambda: r1.paths(PEER_NETWORK), "the route in the table", 20)
    assert holds(lambda: not r1.routes("proto", "bgp"), 2)


def test_listens_where_told(r1: Ferro) -> None:
    r1.begin(open_conf(), "-l", "127.0.0.1", "-p", "1179")
    listening = r1.sh("ss -Hltn").split()
    assert "127.0.0.1:1179" in listening
    assert not any(word.endswith(":179") for word in listening)


def test_removes_only_its_addresses(r1: Ferro) -> None:
    """`interface` / `ip address` works on the kernel as zebra does; foreign addresses stay."""
    r1.stub("eth0")
    r1.sh("ip addr add 10.9.9.9/24 dev eth0")
    r1.begin(open_conf())
    wait_until(lambda: "192.168.1.1/24" in r1.sh("ip -4 addr show dev eth0"), "the address", 10)
    r1.configure("interface eth0", "no ip address 192.168.1.1/24")
    wait_until(lambda: "192.168.1.1/24" not in r1.sh("ip -4 addr show dev eth0"), "its end", 10)
    assert "10.9.9.9/24" in r1.sh("ip -4 addr show dev eth0")


def test_static_route(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin("ip route 10.50.0.0/16 Null0\nip route 10.51.0.0/16 192.168.1.77\n" + open_conf())
    wait_until(lambda: r1.routes("10.50.0.0/16"), "the blackhole", 10)
    wait_until(lambda: r1.has_route("10.51.0.0/16", gateway="192.168.1.77"), "the route", 10)
    r1.configure("no ip route 10.50.0.0/16 Null0")
    wait_until(lambda: not r1.routes("10.50.0.0/16"), "its end", 10)
    assert r1.end() == 0
    assert not r1.routes("10.51.0.0/16")


def test_retain(lab: Lab, r1: Ferro) -> None:
    """-r: the routes stay when the daemon ends."""
    peer = joined(lab, r1, "bird")
    r1.begin(open_conf(), "-r")
    peer.begin()
    wait_until(lambda: r1.has_route(PEER_NETWORK, protocol="bgp"), "the route", 30)
    assert r1.end() == 0
    assert r1.has_route(PEER_NETWORK, protocol="bgp")


def test_crash_and_return(lab: Lab, r1: Ferro) -> None:
    """Killed and started again: good routes stay in the kernel all the time, stale ones are swept
    once the peer has sent its table."""
    peer = joined(lab, r1, "bird")
    daemon = r1.begin(open_conf())
    peer.begin()
    peer.announce("10.247.0.0/16")
    for prefix in (PEER_NETWORK, "10.247.0.0/16"):
        wait_until(lambda: r1.has_route(prefix, protocol="bgp"), f"{prefix} in the kernel", 30)
    daemon.signal(signal.SIGKILL)
    daemon.exit_status()
    peer.withdraw("10.247.0.0/16")

    def swept() -> bool:
        assert r1.has_route(PEER_NETWORK, protocol="bgp"), "a good route was taken away"
        return not r1.has_route("10.247.0.0/16")

    r1.begin(open_conf())
    wait_until(swept, "the stale route is swept", 40, 0.02)
    assert r1.is_established()
