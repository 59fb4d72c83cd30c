# SPDX-License-Identifier: GPL-2.0-or-later
"""The vty sockets under all kinds of clients, and what vtysh leaves on the disk."""
from __future__ import annotations

import os
import pathlib
import socket
import stat
import subprocess
import time
from typing import Iterator

import pexpect
import pytest

from confs import open_conf
from lab import BGPD, Ferro, holds, sanitizer_env, wait_until
from test_shell import CTRL_C, Terminal

FRR_VTYSH = "/usr/bin/vtysh"
NAMES = ("mgmtd", "zebra", "bgpd", "staticd")
MANY = 20_000  # networks: a configuration of 600 KB


class Client:
    """What frr_exporter and FRR's vtysh speak."""

    def __init__(self, node: Ferro, daemon: str = "bgpd") -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(node.run_dir / f"{daemon}.vty"))

    def send(self, command: str) -> None:
        self.socket.sendall(command.encode() + b"\0")

    def receive(self) -> tuple[str, int]:
        """Text and result of one reply."""
        data = b""
        while b"\0" not in data or len(data) < data.index(b"\0") + 4:
            part = self.socket.recv(65536)
            assert part, "the daemon closed the connection"
            data += part
        end = data.index(b"\0")
        assert data[end:end + 3] == b"\0\0\0" and len(data) == end + 4
        return data[:end].decode(), data[end + 3]

    def ask(self, command: str) -> tuple[str, int]:
        self.send(command)
        return self.receive()


def large_conf() -> str:
    networks = "".join(f"  network 10.{i >> 8 & 255}.{i & 255}.0/{24 + (i >> 16)}\n" for i in range(MANY))
    return ("hostname r1\nrouter bgp 65001\n address-family ipv4 unicast\n" + networks +
            " exit-address-family\n")


@pytest.fixture
def large(r1: Ferro) -> Ferro:
    r1.begin(large_conf())
    return r1


@pytest.fixture
def term(large: Ferro) -> Iterator[Terminal]:
    terminal = Terminal(large)
    yield terminal
    terminal.child.close(force=True)


def memory(node: Ferro) -> int:
    """Resident KiB of the daemon."""
    assert node.daemon
    status = pathlib.Path(f"/proc/{node.daemon.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


# --- sockets ----------------------------------------------------------------------------------


def test_sockets(router: Ferro) -> None:
    """FRR's names and mode; gone after the end."""
    for name in NAMES:
        mode = (router.run_dir / f"{name}.vty").stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o770
    assert router.end() == 0
    assert not list(router.run_dir.glob("*.vty"))


def test_plain_client(router: Ferro) -> None:
    for name in NAMES:
        client = Client(router, name)
        assert client.ask("enable") == ("", 0)
        text, result = client.ask("show version")
        assert text.startswith("FRRouting ") and result == 0
        assert client.ask("foo")[1] == 2
        assert client.ask("show")[1] == 4


def test_modes_belong_to_the_connection(router: Ferro) -> None:
    one, other = Client(router), Client(router)
    for line in ("enable", "configure terminal", "router bgp 65001"):
        assert one.ask(line) == ("", 0)
    assert other.ask("enable") == ("", 0)
    assert other.ask("timers bgp 5 15")[1] == 2
    assert one.ask("timers bgp 5 15") == ("", 0)
    assert one.ask("neighbor 1.2.3.4 timers 1 3") == (
        "% Specify remote-as or peer-group commands first\n", 13)
    assert " timers bgp 5 15\n" in router.show("show running-config")


def test_exit_closes(router: Ferro) -> None:
    client = Client(router)
    client.ask("enable")
    assert client.ask("exit") == ("", 0)
    assert client.socket.recv(1) == b""


def test_slow_reader_costs_nobody(large: Ferro) -> None:
    """A client that asks for much and reads nothing: memory stays, others are served."""
    slow = Client(large)
    slow.ask("enable")
    before = memory(large)
    for _ in range(200):
        slow.send("show running-config")
    start = time.monotonic()
    assert large.show("show version").startswith("FRRouting ")
    assert time.monotonic() - start < 2
    assert memory(large) < before + 8 * 1024
    text, result = "", -1
    slow.socket.settimeout(20)
    while not text.count("\0\0\0\0"):
        text += slow.socket.recv(65536).decode()
    assert text.count("  network 10.") >= MANY
    slow.socket.close()


def test_clients_that_go_away(large: Ferro) -> None:
    for _ in range(30):
        client = Client(large)
        client.ask("enable")
        client.send("show running-config")
        client.socket.recv(1000)
        client.socket.close()
    assert large.show("show version").startswith("FRRouting ")


@pytest.mark.skipif(not os.access(FRR_VTYSH, os.X_OK), reason="FRR is not installed")
def test_frrs_own_vtysh(router: Ferro) -> None:
    """FRR's shell, with FRR's command table, against our sockets."""
    def frr(*args: str, status: int = 0) -> str:
        done = router.run([FRR_VTYSH, *args])
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    assert frr("-c", "show daemons").split() == ["zebra", "bgpd", "staticd"]
    assert frr("-c", "show running-config") == router.show("show running-config")
    assert frr("-c", "configure terminal", "-c", "router bgp 65001", "-c", "neighbor 10.0.0.7 remote-as 7",
               "-c", "address-family ipv4 unicast", "-c", "network 10.7.0.0/16") == ""
    shown = router.show("show running-config")
    assert " neighbor 10.0.0.7 remote-as 7\n" in shown and "  network 10.7.0.0/16\n" in shown
    assert frr("-c", "configure terminal", "-c", "router bgp 65001", "-c",
               "neighbor 10.0.0.99 timers 5 15", status=1) == (
                   "% Specify remote-as or peer-group commands first\n")
    (router.etc / "x.conf").write_text("router bgp 65001\n neighbor 10.0.0.8 remote-as 8\n")
    frr("-f", "/etc/frr/x.conf")
    assert " neighbor 10.0.0.8 remote-as 8\n" in router.show("show running-config")


# --- the terminal -------------------------------------------------------------------------------


def test_ctrl_c_in_a_long_answer(term: Terminal) -> None:
    term.child.send("show running-config\r")
    term.child.expect_exact("network 10.1.")
    term.child.send(CTRL_C)
    term.until("r1# ")
    assert "network" not in term.say("show version")


def test_pager(term: Terminal) -> None:
    """`terminal paginate`: a page, then q."""
    term.child.sendline("terminal paginate")
    term.until("r1# ")
    shown = term.say("show running-config")  # VTYSH_PAGER=cat
    assert shown.count("  network 10.") == MANY
    assert term.say("terminal length 5").count("deprecated") == 1
    assert term.say("terminal length 0") == ""


def test_more_stops_after_a_page(large: Ferro) -> None:
    argv = large.argv(["setsid", "--ctty", "--wait", *large.vtysh_argv()])
    child = pexpect.spawn(argv[0], argv[1:], env=large.env(), encoding="utf-8", timeout=15,
                          dimensions=(24, 80))
    child.expect_exact("r1# ")
    child.send("terminal paginate\r")
    child.expect_exact("r1# ")
    child.send("show running-config\r")
    child.expect_exact("--More--")
    assert child.before.count("\n") <= 25
    child.send("q")
    child.expect_exact("r1# ")
    child.send("show version\r")  # the rest of the answer before is not in the way
    child.expect_exact("FRRouting ")
    child.expect_exact("(END)")
    child.send("q")
    child.expect_exact("r1# ")
    child.send("exit\r")
    child.expect(pexpect.EOF)


def test_sigterm_gives_the_terminal_back(large: Ferro) -> None:
    pid = large.dir / "pid"
    (large.dir / "run.sh").write_text(f'echo $$ >{pid}; exec "$@"\n')
    script = f'stty -g; sh {large.dir}/run.sh "$@"; stty -g'
    argv = large.argv(["setsid", "--ctty", "--wait", "sh", "-c", script, "sh", *large.vtysh_argv()])
    child = pexpect.spawn(argv[0], argv[1:], env=large.env(), encoding="utf-8", timeout=15)
    child.expect_exact("r1# ")
    before = [word for word in child.before.split() if word.count(":") > 20]
    large.sh(f"kill {pid.read_text()}")
    child.expect(pexpect.EOF)
    after = [word for word in child.before.split() if word.count(":") > 20]
    assert before == after and len(after) == 1


def test_output_file(large: Ferro) -> None:
    target = large.dir / "shown"
    done = large.shell(f"output file {target}", "show version", "no output file", "show daemons")
    assert done.stdout == " mgmtd zebra bgpd staticd\n"
    assert target.read_text().startswith("FRRouting ")


def test_terminal_monitor(router: Ferro) -> None:
    """Log lines appear above the prompt while one types, and no more after `no`."""
    terminal = Terminal(router)
    terminal.say("terminal monitor")
    terminal.child.send("show ver")
    router.configure("log commands")
    router.show("show daemons")
    terminal.child.expect("BGP: .*show daemons")
    terminal.child.send("sion\r")
    terminal.child.expect_exact("FRRouting ")
    terminal.until("r1# ")
    terminal.say("no terminal monitor")
    router.show("show motd")
    assert "show motd" not in terminal.say("show version")
    terminal.child.close(force=True)


# --- options --------------------------------------------------------------------------------------


def test_one_shot_leaves_no_history(router: Ferro) -> None:
    router.show("show version")
    assert not (router.dir / "home" / ".history_frr").exists()


def test_options(router: Ferro) -> None:
    def run(*options: str) -> tuple[int, str, str]:
        done = router.run(router.vtysh_argv(*options))
        return done.returncode, done.stdout, done.stderr

    assert run("-E", "-c", "configure terminal", "-c", "end", "-c", "show daemons") == (
        0, "r1# configure terminal\nr1(config)# end\nr1# show daemons\n mgmtd zebra bgpd staticd\n", "")
    assert run("-u", "-c", "configure terminal") == (1, "% Unknown command: configure terminal\n", "")
    assert run("-d", "zebra", "-c", "show daemons")[0] == 0
    assert run("-d", "ripd", "-c", "show version") == (
        1, "", "Exiting: failed to connect to any daemons.\n")
    assert run("-d", "nosuch", "-c", "show version")[2] == (
        "Error: no daemons match name nosuch!\nExiting: failed to connect to any daemons.\n")
    assert run("-N", "../x", "-c", "show version")[0] == 1
    assert run("-Z")[2].endswith("invalid option -- 'Z'\nTry `vtysh --help' for more information.\n")
    assert run("--vty_socket", "/nonexistent", "-c", "show version")[0] == 1
    status, out, err = run("--config_dir", "/nonexistent", "-c", "show daemons")
    assert (status, out) == (0, " mgmtd zebra bgpd staticd\n")
    assert "Can't open configuration file /nonexistent/vtysh.conf" in err
    assert run("-h")[1].startswith("Usage : vtysh [OPTION...]\n")


def test_one_daemon(router: Ferro) -> None:
    """-d: that daemon's part of the configuration. -e is -c."""
    for daemon in ("bgpd", "zebra", "staticd", "mgmtd"):
        done = router.run(router.vtysh_argv("-d", daemon, "-e", "show running-config"))
        assert done.stdout == router.show(f"show running-config {daemon}")
        assert ("router bgp 65001\n" in done.stdout) == (daemon == "bgpd")
        assert ("interface eth0\n" in done.stdout) == (daemon == "mgmtd")
    terminal = router.run(router.vtysh_argv("-d", "zebra"), stdin="show running-config\n")
    assert "hostname r1\n" in terminal.stdout and "router bgp" not in terminal.stdout


def test_log_of_commands(router: Ferro) -> None:
    log = router.dir / "vtysh.log"
    router.run(router.vtysh_argv("-c", "show version", "-c", "foo"), env={"VTYSH_LOG": str(log)})
    lines = log.read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["show version", "foo"]


def test_check_only(router: Ferro) -> None:
    """-C: the grammar is checked, nothing changes."""
    before = router.show("show running-config")
    (router.etc / "x.conf").write_text("router bgp 65001\n neighbor 10.0.0.61 remote-as 5\n foo 7\n")
    done = router.run(router.vtysh_argv("-C", "-f", "/etc/frr/x.conf"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("line 3: % Unknown command[28]:  foo 7\n")
    assert router.run(router.vtysh_argv("-C")).returncode == 0
    assert router.show("show running-config") == before


def test_check_without_a_daemon(r1: Ferro) -> None:
    """-C before the router is started: the same words."""
    (r1.etc / "vtysh.conf").write_text("")
    (r1.etc / "x.conf").write_text("router bgp 65001\n neighbor 10.0.0.61 remote-as 5\n foo 7\n")
    done = r1.run(r1.vtysh_argv("-C", "-f", "/etc/frr/x.conf"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "line 3: % Unknown command[28]:  foo 7\n"
    assert r1.run(r1.vtysh_argv("-C", "-f", "-"), stdin="router bgp 5\n").returncode == 0
    r1.conf.write_text(open_conf())
    done = r1.run(r1.vtysh_argv("-C"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert r1.run(r1.vtysh_argv("-C", "-f", "/etc/frr/none.conf")).returncode == 2
    assert not list(r1.run_dir.iterdir())
    assert r1.run(r1.vtysh_argv("-C", "-c", "show version")).returncode == 1


def test_mark(router: Ferro) -> None:
    """-m: an exit for every block that a line leaves without saying so."""
    (router.etc / "x.conf").write_text(
        "router bgp 65001\n address-family ipv4 unicast\n  network 1.0.0.0/8\n"
        " neighbor 1.1.1.1 remote-as 5\n address-family ipv6 unicast\n exit-address-family\n!\n"
        "interface eth0\n")
    done = router.run(router.vtysh_argv("-m", "-f", "/etc/frr/x.conf"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (  # text mode turns FRR's \r\n into \n
        "router bgp 65001\n address-family ipv4 unicast\n  network 1.0.0.0/8\nexit\n"
        " neighbor 1.1.1.1 remote-as 5\n address-family ipv6 unicast\n exit-address-family\n!\n"
        "exit\ninterface eth0\n\nend\n")
    done = router.run(router.vtysh_argv("-m", "-f", "-"), stdin="router bgp 1\nfoo bar\n")
    assert (done.returncode, done.stderr) == (2, "line 2: % Unknown command: foo bar\n\n")
    assert router.run(router.vtysh_argv("-m")).returncode == 1


# --- saving -----------------------------------------------------------------------------------------


def test_write(router: Ferro) -> None:
    old = router.conf.read_text()
    router.conf.chmod(0o640)
    os.chown(router.conf, 65534, 65533)
    router.configure("router bgp 65001", "neighbor 10.0.0.3 remote-as 3")
    said = router.show("write")
    assert said.endswith("Building Configuration...\n"
                         "Integrated configuration saved to /etc/frr/frr.conf\n[OK]\n")
    saved = router.conf.read_text()
    assert saved.startswith("frr version ") and " neighbor 10.0.0.3 remote-as 3\n" in saved
    assert (router.etc / "frr.conf.sav").read_text() == old
    file = router.conf.stat()
    assert (stat.S_IMODE(file.st_mode), file.st_uid, file.st_gid) == (0o640, 65534, 65533)
    shown = router.show("show running-config")
    assert shown.split("Current configuration:\n!\n")[1].removesuffix("end\n") == saved
    assert router.show("show startup-config") == saved
    for command in ("write memory", "write file", "copy running-config startup-config"):
        assert router.show(command) == said
    assert router.run(router.vtysh_argv("-w")).returncode == 0
    assert sorted(p.name for p in router.etc.iterdir()) == [
        "frr.conf", "frr.conf.sav", "vtysh.conf"]


def backups(node: Ferro) -> list[str]:
    """The texts of the numbered backups, the newest first."""
    names = ["frr.conf.sav"] + [f"frr.conf.sav.{i}" for i in range(1, 10)]
    return [(node.etc / n).read_text() for n in names if (node.etc / n).exists()]


def test_backups(router: Ferro) -> None:
    """The last five texts are kept; writing the same again makes none."""
    texts = [router.conf.read_text()]
    for i in range(7):
        router.configure("router bgp 65001", f"neighbor 10.0.1.{i} remote-as 3")
        router.show("write")
        router.show("write")
        texts.append(router.conf.read_text())
    assert len(set(texts)) == 8
    assert backups(router) == texts[-2:-7:-1]


# What a save asks of the kernel, in the order of its steps; the numbers say which call of the kind.
STEPS = ([("openat", i) for i in (1, 2, 3, 4)] + [("fchmod", 1), ("write", 1), ("write", 2), ("fsync", 1)]
         + [("rename", i) for i in (1, 2, 3, 4, 5)] + [("link", 1), ("fsync", 2)])


def killed_at(node: Ferro, call: str, number: int) -> bool:
    """`write`, and kill -9 when the daemon is about to make that call. False: it did not come."""
    assert node.daemon
    tracer = subprocess.Popen(
        ["strace", "-f", "-p", str(node.daemon.pid), "-e", f"trace={call}", "-e",
         f"inject={call}:signal=SIGKILL:when={number}"], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr and "attached" in tracer.stderr.readline()
    node.shell("write")
    if node.daemon.is_running():
        tracer.terminate()
    tracer.wait(10)
    return not holds(node.daemon.is_running, 0.5)


def test_kill_at_every_step_of_a_save(router: Ferro) -> None:
    """kill -9 anywhere in it: the file is the old or the new one, backups are not lost."""
    router.conf.write_text(router.show("show running-config no-header").removesuffix("end\n"))
    for i in range(6):
        router.configure("router bgp 65001", f"neighbor 10.0.1.{i} remote-as 3")
        router.show("write")
    killed = []
    for i, (call, number) in enumerate(STEPS):
        router.configure("router bgp 65001", f"neighbor 10.0.3.{i} remote-as 3")
        router.show("write")  # closes the hole that a kill may have left among the backups
        old, kept = router.conf.read_text(), set(backups(router)[:-1])
        router.configure("router bgp 65001", f"neighbor 10.0.2.{i} remote-as 3")
        new = router.show("show running-config no-header").removesuffix("end\n")
        assert new != old
        dead = killed_at(router, call, number)
        now = router.conf.read_text()
        assert now in (old, new), (call, number)
        assert kept <= set(backups(router)), (call, number)
        if dead:
            killed.append((call, number))
            router.begin(now)
            wait_until(lambda: not router.shell("show version").returncode, "it is back", 20)
    assert {call for call, _ in killed} == {"openat", "fchmod", "write", "fsync", "rename", "link"}
    assert sum(call == "rename" for call, _ in killed) == 5
    router.show("write")
    assert not list(router.etc.glob("*.new"))


def test_write_of_own_file(router: Ferro) -> None:
    """`no service integrated-vtysh-config` in vtysh.conf: the daemon's own file."""
    before = router.conf.read_text()
    (router.etc / "vtysh.conf").write_text("no service integrated-vtysh-config\n")
    assert router.show("write") == ("Note: this version of vtysh never writes vtysh.conf\n"
                                    "Building Configuration...\n"
                                    "Configuration saved to /etc/frr/bgpd.conf\n[OK]\n")
    assert "router bgp 65001\n" in (router.etc / "bgpd.conf").read_text()
    assert router.show("show startup-config") == (router.etc / "bgpd.conf").read_text()
    assert router.conf.read_text() == before
    assert "frr.conf\n[OK]\n" in router.show("write integrated")
    assert router.conf.read_text() == (router.etc / "bgpd.conf").read_text()


def test_write_goes_where_the_next_start_reads(r1: Ferro) -> None:
    """vtysh.conf says nothing, bgpd.conf is there: that is read at the start, so it is written."""
    (r1.etc / "bgpd.conf").write_text("router bgp 65001\n")
    r1.daemon = r1.start([BGPD, "-A", "127.0.0.1"], sanitizer_env(r1))
    wait_until(lambda: r1.shell("show version").returncode == 0, "an answer", 10)
    r1.configure("router bgp 65001", "neighbor 10.0.0.3 remote-as 3")
    assert "Configuration saved to /etc/frr/bgpd.conf\n[OK]\n" in r1.show("write")
    assert r1.end() == 0
    r1.daemon = r1.start([BGPD, "-A", "127.0.0.1"], sanitizer_env(r1))
    wait_until(lambda: r1.shell("show version").returncode == 0, "an answer", 10)
    assert "neighbor 10.0.0.3 remote-as 3" in r1.show("show running-config")


def test_a_link_stays_a_link(router: Ferro) -> None:
    (router.etc / "real").mkdir()
    router.conf.rename(router.etc / "real" / "r1.conf")
    router.conf.symlink_to("real/r1.conf")
    router.show("write")
    assert router.conf.is_symlink() and router.conf.read_text().startswith("frr version ")


def test_write_that_fails(router: Ferro) -> None:
    """No room: the old file is whole, the user is told, the exit status too."""
    router.sh("mount -t tmpfs -o size=16k none /etc/frr; cp /proc/self/status /etc/frr/frr.conf;"
              ""
              " dd if=/dev/zero of=/etc/frr/fill bs=1k count=64 2>/dev/null || true")
    before = router.sh("cat /etc/frr/frr.conf; ls /etc/frr")
    done = router.shell("write")
    assert done.returncode == 1
    assert "% Can't save to configuration file /etc/frr/frr.conf: No space left" in done.stdout
    assert router.sh("cat /etc/frr/frr.conf; ls /etc/frr") == before


def test_daemon_restart_under_scripts(router: Ferro) -> None:
    """A shell that lost its daemon says so once for each try."""
    terminal = Terminal(router)
    assert router.end() == 0
    lost = terminal.say("show version")
    assert "Warning: connecting to bgpd...failed!" in lost
    router.begin(router.conf.read_text())
    wait_until(lambda: "FRRouting" in terminal.say("show version"), "the shell is back", 10)
    terminal.child.close(force=True)
