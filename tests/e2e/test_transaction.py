# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes that are applied whole or not at all: candidates, ways back, reload, a big start."""
from __future__ import annotations

import pathlib
import re
import signal
import socket
import threading
import subprocess
import time

import pytest

from confs import open_conf
from lab import BGPD, Ferro, Lab, LabError, Node, holds, wait_until
from speaker import Speaker, plain_attributes, update

CANDIDATE = "configure candidate"


def running(r1: Ferro) -> str:
    return r1.show("show running-config no-header")


def state_files(r1: Ferro) -> list[str]:
    """What the daemon keeps; a temporary file would be among it."""
    folder = r1.dir / "lib" / "history"
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def kill(r1: Ferro) -> None:
    """The daemon dies at once and without a word."""
    assert r1.daemon
    r1.daemon.signal(signal.SIGKILL)
    r1.daemon.exit_status()


def come_back(r1: Ferro, config: str) -> None:
    """Starts the daemon where a dead one left its files."""
    r1.begin(config, wait=False)
    wait_until(lambda: r1.shell("show version").returncode == 0, "bgpd answers again", 20)


def test_one_shot(r1: Ferro) -> None:
    """vtysh -c does a whole transaction; before the commit nobody sees anything of it."""
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    edits = (CANDIDATE, "router bgp 65001", "neighbor 192.168.1.9 remote-as 65009",
             "network 10.9.0.0/16", "no network 10.244.0.0/24")
    done = r1.shell(*edits, "show configuration diff")
    assert done.returncode == 0
    assert "\n+ neighbor 192.168.1.9 remote-as 65009\n" in done.stdout
    assert done.stdout.splitlines()[0] == " router bgp 65001"
    assert running(r1) == before
    done = r1.shell(*edits, "commit check")
    assert (done.returncode, running(r1)) == (0, before)
    done = r1.shell(*edits, "commit comment one neighbor more")
    assert done.returncode == 0, done.stdout
    assert "neighbor 192.168.1.9 remote-as 65009" in running(r1)
    history = r1.show("show configuration history")
    assert re.search(r"root +commit +one neighbor more\n", history), history
    number = int(history.splitlines()[1].split()[0])
    assert r1.show(f"show configuration {number}") == re.sub(r"end\n$", "", running(r1))
    assert r1.shell(f"rollback {number - 1}").returncode == 0
    assert running(r1) == before


def test_faults_tell_by_the_exit_status(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    assert r1.shell(CANDIDATE, "router bgp 65001", "frobnicate", "commit").returncode != 0
    assert r1.shell("commit").returncode != 0
    assert r1.shell("discard").returncode != 0
    assert r1.shell("rollback 4711").returncode != 0
    assert r1.shell("show configuration 4711").returncode != 0
    assert r1.shell("show configuration diff").returncode != 0
    assert running(r1) == before


def test_others_change_is_seen(r1: Ferro) -> None:
    """A candidate made from an older configuration is refused with what has changed since."""
    r1.stub("eth0")
    r1.begin(open_conf())
    shell = subprocess.Popen(r1.argv(r1.vtysh_argv()), stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=r1.env())
    assert shell.stdin
    shell.stdin.write(CANDIDATE + "\nrouter bgp 65001\nnetwork 10.8.0.0/16\n")
    shell.stdin.flush()
    time.sleep(1)
    r1.configure("router bgp 65001", "network 10.7.0.0/16")
    said, _ = shell.communicate("commit\n", timeout=20)
    assert "has changed since" in said and "+  network 10.7.0.0/16" in said
    assert "10.8.0.0/16" not in running(r1) and "10.7.0.0/16" in running(r1)


def test_confirmed_in_time(r1: Ferro) -> None:
    """A lost shell is no matter: any later one may confirm."""
    r1.stub("eth0")
    r1.begin(open_conf())
    done = r1.shell(CANDIDATE, "hostname other", "commit confirmed 1")
    assert done.returncode == 0, done.stdout
    assert "unconfirmed.conf" in state_files(r1)
    # what is not confirmed does not get into the startup file
    saved = r1.conf.read_text()
    assert r1.shell("write").returncode != 0
    assert r1.conf.read_text() == saved
    assert r1.shell("commit").returncode == 0
    assert "unconfirmed.conf" not in state_files(r1)
    assert "hostname other" in running(r1)
    assert r1.shell("write").returncode == 0


def test_not_confirmed(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    assert r1.shell(CANDIDATE, "hostname other", "commit confirmed 1").returncode == 0
    assert running(r1) != before
    wait_until(lambda: running(r1) == before, "the way back", 75, 1)
    assert "was not confirmed" in r1.show("show configuration history")
    assert "unconfirmed.conf" not in state_files(r1)


def test_killed_while_unconfirmed(r1: Ferro) -> None:
    """The daemon dies: it comes back with what ran before, lines never saved included."""
    r1.stub("eth0")
    r1.begin(open_conf())
    r1.configure("router bgp 65001", "network 10.6.0.0/16")
    before = running(r1)
    assert r1.shell(CANDIDATE, "no router bgp 65001", "commit confirmed 5").returncode == 0
    assert "router bgp" not in running(r1)
    kill(r1)
    come_back(r1, r1.conf.read_text())
    assert running(r1) == before
    assert "unconfirmed.conf" not in state_files(r1)
    assert "was not confirmed" in r1.show("show configuration history")
    kill(r1)
    come_back(r1, r1.conf.read_text())
    assert "10.6.0.0/16" not in running(r1)


def test_ended_while_unconfirmed(r1: Ferro) -> None:
    """An orderly stop is no confirmation."""
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    assert r1.shell(CANDIDATE, "hostname other", "commit confirmed 5").returncode == 0
    assert r1.end() == 0
    come_back(r1, r1.conf.read_text())
    assert running(r1) == before
    r1.await_logged("the last commit was not confirmed: the configuration before it is loaded")


def test_killed_at_any_moment(r1: Ferro) -> None:
    """kill -9 somewhere in a confirmed commit and its confirmation: the daemon always comes back
    with the one or the other as a whole, and leaves no half files."""
    r1.stub("eth0")
    config = open_conf()
    r1.begin(config)
    before = running(r1)
    command = [*r1.vtysh_argv(), "-c", CANDIDATE, "-c", "router bgp 65001",
               "-c", "network 10.66.0.0/16", "-c", "network 10.67.0.0/16",
               "-c", "commit confirmed 5", "-c", "commit"]
    for step in range(12):
        shell = subprocess.Popen(r1.argv(command), stdin=subprocess.DEVNULL, env=r1.env(),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.02 * step)
        kill(r1)
        shell.wait(20)
        come_back(r1, config)
        # not confirmed: before; confirmed: the file, which is the same, since nothing was saved
        assert running(r1) == before, step
        assert all(re.fullmatch(r"\d\d\.conf(\.tmp)?|unconfirmed\.conf\.tmp", name)
                   for name in state_files(r1)), state_files(r1)


# What a confirmed commit and its confirmation ask of the disk: the way back (written, brought to the
# disk, renamed, the folder too), the entries of the history likewise, and the way back removed.
COMMIT_STEPS = ([("openat", i) for i in range(1, 6)] + [("write", i) for i in (1, 2, 3)] +
                [("fsync", i) for i in range(1, 9)] + [("rename", i) for i in range(1, 5)] + [("unlink", 1)])


def test_kill_at_every_step_of_a_confirmed_commit(r1: Ferro) -> None:
    """The daemon comes back with what the file says or with what ran before the commit, the latter
    from the moment on at which the commit is real; every entry of the history is whole."""
    r1.stub("eth0")
    config = open_conf()
    r1.begin(config)
    saved = running(r1)
    died: dict[tuple[str, int], bool] = {}
    for step in COMMIT_STEPS:
        r1.configure("router bgp 65001", "network 10.6.0.0/16")
        before = running(r1)
        assert r1.daemon
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(r1.daemon.pid), "-e", f"trace={step[0]}",
             "-e", f"inject={step[0]}:signal=SIGKILL:when={step[1]}"], stderr=subprocess.PIPE, text=True)
        assert tracer.stderr and "attached" in tracer.stderr.readline()
        done = r1.shell(CANDIDATE, "router bgp 65001", "network 10.66.0.0/16", "commit confirmed 5")
        real = "is taken back in" in done.stdout
        if real:
            r1.shell("commit")
        dead = not holds(r1.daemon.is_running, 0.3, 0.05)
        died[step] = dead
        if not dead:
            tracer.terminate()
        tracer.wait(10)
        if dead:
            assert r1.daemon.exit_status() == -9
        else:
            kill(r1)
        pending = "unconfirmed.conf" in state_files(r1)
        come_back(r1, config)
        assert running(r1) in ((before,) if pending else (saved,)), step
        for number in re.findall(r"^ *(\d+)  2", r1.show("show configuration history"), re.M):
            assert r1.show(f"show configuration {number}").startswith("frr version "), (step, number)
    assert sum(died.values()) >= 8, died
    assert {call for (call, _), dead in died.items() if dead} >= {"openat", "fsync", "rename", "unlink"}, died


def test_killed_at_any_moment_of_saving(r1: Ferro) -> None:
    """The startup file is the old or the new one."""
    r1.stub("eth0")
    r1.begin(open_conf())
    r1.show("write")
    old = r1.conf.read_text()
    for step in range(8):
        r1.configure("router bgp 65001", "network 10.5.0.0/16")
        shell = subprocess.Popen(r1.argv([*r1.vtysh_argv(), "-c", "write"]), env=r1.env(),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(0.02 * step)
        kill(r1)
        shell.wait(20)
        saved = r1.conf.read_text()
        assert saved.replace("  network 10.5.0.0/16\n", "") == old, step
        come_back(r1, old)


# ---- reload ----


def reload(r1: Ferro, option: str, text: str) -> subprocess.CompletedProcess[str]:
    (r1.etc / "new.conf").write_text(text)
    return r1.run(r1.vtysh_argv(option, "/etc/frr/new.conf"))


def test_diff_and_reload(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    assert reload(r1, "--diff", before).returncode == 0
    text = before.replace("neighbor 192.168.1.2 remote-as 65002",
                          "neighbor 192.168.1.2 remote-as 65003")
    assert text != before
    done = reload(r1, "--diff", text)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == " router bgp 65001"
    assert lines[1] == "- neighbor 192.168.1.2 remote-as 65002"
    assert re.fullmatch(r"\+ neighbor 192.168.1.2 remote-as 65003 +# session reset", lines[2])
    assert running(r1) == before
    done = reload(r1, "--reload", text)
    assert (done.returncode, done.stdout.splitlines()) == (0, lines)
    assert running(r1) == text


def test_reload_tells_every_fault_and_does_nothing(r1: Ferro) -> None:
    r1.stub("eth0")
    r1.begin(open_conf())
    before = running(r1)
    bad = before.replace("router bgp 65001", "hostname better\nrouter bgp 65001\n nieghbor x\n"
                         " neighbor 192.168.1.2 frob")
    for option in ("--reload", "--diff"):
        done = reload(r1, option, bad)
        assert done.returncode == 2
        assert re.search(r"^line \d+, column 2: % Unknown command: nieghbor x$", done.stderr, re.M)
        assert re.search(r"^line \d+, column 23: % Unknown command: neighbor 192.168.1.2 frob$",
                         done.stderr, re.M)
        assert running(r1) == before
    r1.conf.write_text(bad)
    assert r1.daemon
    r1.daemon.signal(signal.SIGHUP)
    r1.await_logged("nothing is changed: 2 faults")
    assert running(r1) == before


def test_reload_of_what_runs_touches_nothing(r1: Ferro) -> None:
    """No session, no route, no message to the kernel."""
    r1.stub("eth0")
    r1.begin(open_conf("network 10.77.0.0/16"))
    text = running(r1)
    watch = r1.start(["ip", "monitor", "link", "address", "route", "rule", "nexthop"])
    time.sleep(0.5)
    count = r1.show("show configuration history")
    version = re.search(r"table version is (\d+)", r1.show("show bgp ipv4 unicast"))
    summary = r1.show_json("show bgp neighbors")["192.168.1.2"]
    assert r1.daemon
    calls = r1.dir / "calls"
    tracer = subprocess.Popen(["strace", "-f", "-yy", "-s", "200", "-o", str(calls), "-e",
                               "trace=sendmsg,sendto,sendmmsg,write,writev", "-p", str(r1.daemon.pid)],
                              stderr=subprocess.PIPE, text=True)
    assert tracer.stderr and "attached" in tracer.stderr.readline()
    for _ in range(3):
        done = reload(r1, "--reload", text)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    r1.conf.write_text(text)
    assert r1.daemon
    r1.daemon.signal(signal.SIGHUP)
    r1.await_logged("configuration reloaded")
    r1.configure("ip route 10.98.0.0/16 Null0")  # that is a message to the kernel: the tracer sees them
    wait_until(lambda: "<NETLINK:" in calls.read_text(), "the tracer sees a message to the kernel")
    r1.configure("no ip route 10.98.0.0/16 Null0")
    tracer.terminate()
    tracer.wait(10)
    reloaded = calls.read_text().split("configuration reloaded")[0]
    assert "configuration reloaded" in calls.read_text() and "<NETLINK:" not in reloaded
    after = r1.show_json("show bgp neighbors")["192.168.1.2"]
    for key in ("bgpState", "connectionsEstablished", "connectionsDropped"):
        assert after.get(key) == summary.get(key)
    again = re.search(r"table version is (\d+)", r1.show("show bgp ipv4 unicast"))
    assert version and again and version[1] == again[1]
    entries = r1.show("show configuration history").splitlines()
    assert count.splitlines()[1:] == entries[-1:] and "reload" not in "".join(entries)
    r1.sh("ip route add 10.99.0.0/16 dev eth0")
    wait_until(lambda: "10.99.0.0/16" in watch.printed(), "ip monitor sees what happens")
    seen = [line for line in watch.printed().splitlines() if "10.98.0.0/16" not in line and "nexthop" not in line
            and not line.startswith("Deleted id") and not re.match(r"id \d+ ", line)]
    assert len(seen) == 1, watch.printed()


def test_sessions_stay_up(lab: Lab, r1: Ferro) -> None:
    """A reload and a commit reset the sessions that they say they reset, and no other."""
    node = lab.add(Node, "p")
    lab.cable(r1, node, "eth0")
    node.sh("ip addr add 192.168.1.2/24 dev eth0")
    r1.begin(open_conf("neighbor 192.168.1.2 passive", "neighbor 192.168.1.3 remote-as 65003",
                       hold=180, keepalive=60))
    speaker = Speaker.session(node, "192.168.1.1", hold=180)
    r1.await_established()
    speaker.send(update(plain_attributes(), ("20.0.0.0/24",)))
    wait_until(lambda: r1.has_route("20.0.0.0/24"), "the route")
    with pytest.raises(LabError, match="no message"):
        while speaker.receive(1):
            pass
    text = running(r1)
    since = r1.show_json("show bgp neighbors")["192.168.1.2"]["bgpTimerUpEstablishedEpoch"]
    watch = r1.start(["ip", "monitor", "link", "address", "route", "rule", "nexthop"])
    assert reload(r1, "--reload", text).stdout == ""
    assert r1.shell(CANDIDATE, "commit").returncode == 0
    done = reload(r1, "--reload", text.replace(
        " neighbor 192.168.1.2 passive",
        " neighbor 192.168.1.2 description quiet\n neighbor 192.168.1.2 passive"))
    assert re.search(r"\+ neighbor 192.168.1.2 description quiet +# nothing", done.stdout)
    assert r1.shell(CANDIDATE, "router bgp 65001", "no neighbor 192.168.1.3",
                    "commit").returncode == 0
    with pytest.raises(LabError, match="no message"):
        speaker.receive(1.5)
    neighbors = r1.show_json("show bgp neighbors")
    assert list(neighbors) == ["192.168.1.2"]
    assert abs(neighbors["192.168.1.2"]["bgpTimerUpEstablishedEpoch"] - since) <= 1
    assert watch.printed() == ""
    done = reload(r1, "--reload", text.replace(" neighbor 192.168.1.2 passive",
                                               " neighbor 192.168.1.2 shutdown"))
    assert re.search(r"\+ neighbor 192.168.1.2 shutdown +# session reset", done.stdout)
    speaker.await_closed()
    speaker.close()


# ---- a big start ----


def test_a_big_configuration_is_ready_soon(r1: Ferro, tmp_path: pathlib.Path) -> None:
    """100,000 networks and 2,000 neighbors: under a second as released, less strict with
    sanitizers."""
    lines = ["router bgp 65001", " no bgp network import-check"]
    lines += [f" neighbor 10.{200 + i // 250}.{i % 250}.1 remote-as 65002\n"
              f" neighbor 10.{200 + i // 250}.{i % 250}.1 passive" for i in range(2000)]
    lines += [" address-family ipv4 unicast"]
    lines += [f"  network {1 + i % 97}.{i // 97 % 256}.{i // 97 // 256}.0/24" for i in range(100000)]
    strict = b"__asan_init" not in pathlib.Path(BGPD).read_bytes()
    start = time.monotonic()
    r1.begin("\n".join(lines) + "\n")
    wait_until(lambda: r1.shell("show version").returncode == 0, "an answer", 60, 0.01)
    took = time.monotonic() - start
    print(f"ready in {took:.2f} s")
    assert took < (1 if strict else 20)
    assert r1.show("show running-config").count("  network ") == 100000


# ---- a big reload ----


class Probe(threading.Thread):
    """Asks the daemon for something small again and again, and notes how long the daemon worked
    before it answered (its own time, so that a busy machine does not count)."""

    def __init__(self, node: Ferro) -> None:
        super().__init__()
        assert node.daemon
        self.clock = pathlib.Path(f"/proc/{node.daemon.pid}/schedstat")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(node.run_dir / "bgpd.vty"))
        self.waits: list[float] = []
        self.stopping = False

    def run(self) -> None:
        while not self.stopping:
            began = self.worked()
            self.socket.sendall(b"show version\0")
            answer = b""
            while not answer.endswith(b"\0\0\0\0"):
                answer += self.socket.recv(4096)
            self.waits.append(self.worked() - began)
            time.sleep(0.001)

    def worked(self) -> float:
        return int(self.clock.read_text().split()[0]) / 1e9

    def __enter__(self) -> Probe:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        self.join()
        self.socket.close()


def test_a_big_reload_holds_nobody(r1: Ferro) -> None:
    """Every line changes, and others are served meanwhile: never later than 100 ms as released; with
    sanitizers, never later than a small part of what it takes."""
    strict = b"__asan_init" not in pathlib.Path(BGPD).read_bytes()
    count = 100_000 if strict else 30_000

    def text(first: int) -> str:
        return ("frr version 10.8\nfrr defaults traditional\nhostname r1\nlog file /var/log/frr/bgpd.log\n"
                "router bgp 65001\n no bgp network import-check\n address-family ipv4 unicast\n" +
                "".join(f"  network {first + i % 97}.{i // 97 % 256}.{i // 97 // 256}.0/24\n"
                        for i in range(count)))
    r1.begin(text(1))
    wait_until(lambda: r1.shell("show version").returncode == 0, "an answer", 60)
    (r1.etc / "new.conf").write_text(text(101))
    for option, changes in (("--diff", False), ("--reload", True), ("--reload", False), ("-f", False)):
        with Probe(r1) as probe:
            began = time.monotonic()
            done = r1.run(r1.vtysh_argv(option, "/etc/frr/new.conf"), seconds=120)
            took = time.monotonic() - began
        assert done.returncode == (1 if option == "--diff" else 0), done.stderr
        assert done.stdout.count("\n+") == (count if changes or option == "--diff" else 0)
        assert len(probe.waits) > 20
        assert max(probe.waits) < (0.1 if strict else max(0.1, took / 4)), (option, took)
    shown = r1.show("show running-config")
    assert shown.count("\n  network ") == count and "\n  network 101.0.0.0/24\n" in shown
    wait_until(lambda: f"RIB entries {count}," in r1.show("show bgp ipv4 unicast summary")
               or "% No BGP neighbors" in r1.show("show bgp ipv4 unicast summary"), "all are there", 60)
    assert r1.daemon
    with Probe(r1) as probe:
        began = time.monotonic()
        r1.daemon.signal(signal.SIGHUP)
        r1.daemon.signal(signal.SIGHUP)
        r1.await_logged("configuration reloaded", 120)
        took = time.monotonic() - began
    assert max(probe.waits) < (0.1 if strict else max(0.1, took / 4)), took
    assert "\n  network 1.0.0.0/24\n" in r1.show("show running-config")
    for commands, left in ((["rollback 2"], "101.0.0.0/24"), ([CANDIDATE, "hostname r1", "rollback 1",
                                                              "commit"], "1.0.0.0/24")):
        with Probe(r1) as probe:
            began = time.monotonic()
            done = r1.shell(*commands)
            took = time.monotonic() - began
        assert done.returncode == 0 and "is committed.\n" in done.stdout, done.stdout
        assert len(probe.waits) > 20
        assert max(probe.waits) < (0.2 if strict else max(0.2, took / 2)), (commands, took)
        assert f"\n  network {left}\n" in r1.show("show running-config")


def test_ctrl_c_of_a_reload(r1: Ferro) -> None:
    """A shell that goes before the change is real leaves everything as it was."""
    r1.begin("hostname r1\n")
    before = running(r1)
    lines = "".join(f" neighbor 10.{i >> 8}.{i & 255}.1 remote-as 2\n" for i in range(5000))
    (r1.etc / "new.conf").write_text("router bgp 65001\n" + lines + " nonsense\n")
    for delay in (0.0, 0.02, 0.05, 0.1):
        shell = subprocess.Popen(r1.argv(r1.vtysh_argv("--reload", "/etc/frr/new.conf")),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env=r1.env())
        time.sleep(delay)
        shell.kill()
        shell.wait(20)
        assert running(r1) == before
