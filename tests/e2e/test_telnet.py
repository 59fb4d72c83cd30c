# SPDX-License-Identifier: GPL-2.0-or-later
"""FRR's vty port (-A, -P): login, typing, pages, and the statements that govern it.

The bytes expected are those that FRR 10 and FRR 8.4 sent for the same keys, but for who we are.
"""
from __future__ import annotations

import contextlib
import re
import socket
import time
from typing import Iterator

import pytest

from lab import DATA, Ferro, wait_until

PORT = 2605
NEGOTIATION = b'\xff\xfb\x01\xff\xfb\x03\xff\xfe"\xff\xfd\x1f'
WINDOW = b"\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"  # 80 x 24
SHELL = DATA / "frr-reference" / "shell"
CONF = """hostname r1
password zebra
enable password ena
"""


class Telnet:
    def __init__(self, node: Ferro) -> None:
        self.socket = wait_until(lambda: self.connect(node), "the port is open", 10)

    @staticmethod
    def connect(node: Ferro) -> socket.socket | None:
        """None: not yet."""
        with node.network():
            try:
                return socket.create_connection(("127.0.0.1", PORT), 10)
            except ConnectionRefusedError:
                return None

    def read(self, end: bytes) -> bytes:
        """Until the text ends so; b"" as the end: until the other side closes."""
        data = b""
        while not (end and data.endswith(end)):
            part = self.socket.recv(65536)
            if not part:
                assert not end, data
                break
            data += part
        return data

    def type(self, keys: bytes, end: bytes) -> bytes:
        self.socket.sendall(keys)
        return self.read(end)

    def login(self, password: bytes = b"zebra", prompt: bytes = b"r1> ") -> None:
        self.read(b"Password: ")
        assert self.type(password + b"\r\n", prompt) == b"\r\n" + prompt

    def closed(self) -> bool:
        return self.socket.recv(100) == b""

    def flood(self, keys: bytes, most: int) -> int:
        """Sends the keys again and again, and reads nothing; how many bytes the other side took."""
        sent = 0
        self.socket.settimeout(1)
        while sent < most:
            try:
                sent += self.socket.send(keys * 1000)
            except TimeoutError:
                break
        return sent


@pytest.fixture
def router(r1: Ferro) -> Ferro:
    r1.link("lo", "up")
    r1.begin(CONF, "-P", str(PORT))
    return r1


@pytest.fixture
def telnet(router: Ferro) -> Iterator[Telnet]:
    session = Telnet(router)
    yield session
    session.socket.close()


def small_buffers(router: Ferro) -> None:
    """The kernel holds little, so that what the daemon holds shows."""
    router.sh("sysctl -q -w net.ipv4.tcp_wmem='4096 16384 32768' net.ipv4.tcp_rmem='4096 16384 32768'")


def has_session(router: Ferro) -> bool:
    return "127.0.0.1" in router.show("who")


def neutral(data: bytes) -> bytes:
    data = re.sub(rb"FRRouting \(version [-\w.]+\)", b"FRRouting", data)
    return re.sub(rb"(Copyright 1996|Ferro )[^\r]*", b"AUTHOR", data)


def greeting(name: str) -> bytes:
    """What FRR 10 sent first."""
    text = (SHELL / f"{name}.txt").read_text().splitlines()[0]
    return bytes(eval(text))  # a bytes literal of ours


def test_login(telnet: Telnet) -> None:
    assert neutral(telnet.read(b"Password: ")) == neutral(greeting("telnet-bgpd"))
    assert telnet.type(b"zebra\r\n", b"> ") == b"\r\nr1> "
    assert telnet.type(b"foo\r\n", b"> ") == b"foo\r\n% [BGP] Unknown command: foo\r\nr1> "
    assert telnet.type(b"show\r\n", b"> ") == b"show\r\n% Command incomplete.\r\nr1> "
    assert telnet.type(b"show running-config\r\n", b"> ").endswith(
        b"% [BGP] Unknown command: show running-config\r\nr1> ")
    assert telnet.type(b"exit\r\n", b"") == b"exit\r\n"


def test_a_byte_of_telnet_in_a_text(telnet: Telnet) -> None:
    """255 goes twice in both directions, or the client would take it for a command."""
    telnet.login()
    assert telnet.type(b"f\xff\xffo\r\n", b"> ") == \
        b"f\xff\xffo\r\n% [BGP] Unknown command: f\xff\xffo\r\nr1> "


def test_wrong_passwords(telnet: Telnet, router: Ferro) -> None:
    telnet.read(b"Password: ")
    assert telnet.type(b"a\r\n", b": ") == b"\r\nPassword: "
    assert telnet.type(b"zebrax\r\n", b": ") == b"\r\nPassword: "
    assert telnet.type(b"\r\n", b"") == b"\r\n% Bad passwords, too many failures!\r\n"
    assert router.show("show version")


def test_no_password(router: Ferro) -> None:
    """FRR's answer where nobody has set one."""
    assert router.shell("configure terminal", "no password").returncode == 0
    assert Telnet(router).read(b"") == b"Vty password is not set.\r\n"


def test_enable(telnet: Telnet) -> None:
    telnet.login()
    assert telnet.type(b"enable\r\n", b": ") == b"enable\r\nPassword: "
    assert telnet.type(b"wrong\r\n", b": ") == b"\r\nPassword: "
    assert telnet.type(b"enable\r\n", b": ") == b"\r\nPassword: "
    assert telnet.type(b"ena\r\n", b"# ") == b"\r\nr1# "
    assert telnet.type(b"show history\r\n", b"# ") == b"show history\r\n  enable\r\nr1# "
    assert telnet.type(b"disable\r\n", b"> ") == b"disable\r\nr1> "
    telnet.type(b"en\r\n", b": ")
    telnet.type(b"x\r\n", b": ")
    telnet.type(b"y\r\n", b": ")
    assert telnet.type(b"z\r\n", b"> ") == b"\r\n% Bad enable passwords, too many failures!\r\nr1> "
    assert b"Unknown command" in telnet.type(b"configure terminal\r\n", b"> ")


def test_enable_sent_ahead(telnet: Telnet) -> None:
    """No line reaches enable mode before the password."""
    telnet.login()
    answer = telnet.type(b"enable\r\nconfigure terminal\r\nhostname evil\r\n", b"Password: ")
    while answer.count(b"Password: ") < 3:
        answer += telnet.read(b"Password: ")
    assert b"(config)" not in answer


def test_keys(telnet: Telnet) -> None:
    """Echo, help and completion at the key, with what FRR sent for each."""
    telnet.login()
    telnet.type(b"en\r\n", b": ")
    telnet.type(b"ena\r\n", b"# ")
    prompt = b"r1# "
    assert telnet.type(b"show b\t", b"bgp ") == b"show b\r\nr1# show b\bbgp "
    assert telnet.type(b"\x15", 9 * b"\b") == 9 * b"\b" + 9 * b" " + 9 * b"\b"
    words = telnet.type(b"show bgp s\t", b"\r\nr1# show bgp s")
    assert b"\r\nself-originate statistics statistics-all summary    \r\n" in words
    assert telnet.type(b"\x03", prompt) == b"\r\nr1# "
    helped = telnet.type(b"configure ?", b"r1# configure ")
    assert b"\r\n  terminal   Configuration terminal\r\n" in helped
    telnet.type(b"\x15", 10 * b"\b")
    assert telnet.type(b"conf t\r\n", b"# ") == b"conf t\r\nr1(config)# "
    assert telnet.type(b"router bgp 1\r\n", b"# ") == b"router bgp 1\r\nr1(config-router)# "
    assert telnet.type(b"\x1a", b"# ") == b"\r\nr1# "
    assert telnet.type(b"conf t\r\n", b"# ")
    assert telnet.type(b"\x04", b"# ") == b"\r\nr1# "
    assert telnet.type(b"who\r\n", prompt).split()[2:5] == [b"connected", b"from", b"127.0.0.1."]
    assert telnet.type(b"\x04", b"") == b"\r\n"


def in_enable(telnet: Telnet) -> None:
    telnet.login()
    telnet.type(b"en\r\n", b": ")
    telnet.type(b"ena\r\n", b"# ")


def test_what_only_vtysh_does(telnet: Telnet) -> None:
    """The daemon has no program to run and no file of the user's: it says so."""
    in_enable(telnet)
    for line in (b"copy /etc/frr/frr.conf running-config", b"ping 127.0.0.1", b"ping ipv6 ::1 count 1",
                 b"traceroute 127.0.0.1", b"output file /tmp/x", b"no output file", b"terminal paginate",
                 b"no terminal paginate"):
        said = telnet.type(line + b"\r\n", b"r1# ")
        assert said == line + b"\r\n% This is done by vtysh only\r\nr1# "
    assert telnet.type(b"clear\r\n", b"# ") == b"clear\r\n\x1b[2J\x1b[Hr1# "


def test_history_of_the_configuration(telnet: Telnet, router: Ferro) -> None:
    """It says from where a change came."""
    in_enable(telnet)
    telnet.type(b"conf t\r\n", b"# ")
    telnet.type(b"ip route 10.9.0.0/16 Null0\r\n", b"# ")
    newest = router.show("show configuration history").splitlines()[1]
    assert re.search(r"  telnet 127\.0\.0\.1  +\S", newest), newest


def rows(page: bytes) -> int:
    """Of a terminal of 80 columns; a line may go on behind the page."""
    lines = page.removesuffix(b" --More-- ").removesuffix(b"\r\n").split(b"\r\n")
    return sum(-(-max(len(line), 1) // 80) for line in lines)


def test_pages(telnet: Telnet) -> None:
    """For a terminal that told its size; `terminal length` says otherwise."""
    erase = 10 * b"\b" + 10 * b" " + 10 * b"\b"
    in_enable(telnet)
    telnet.socket.sendall(WINDOW)
    assert rows(telnet.type(b"list\r\n", b" --More-- ")) == 1 + 23
    page = telnet.type(b" ", b" --More-- ")
    assert page.startswith(erase)
    assert rows(page.removeprefix(erase)) == 23
    assert telnet.type(b"q", b"# ") == erase + b"r1# "
    telnet.type(b"terminal length 5\r\n", b"# ")
    assert telnet.type(b"list\r\n", b" --More-- ").count(b"\r\n") == 1 + 4
    assert telnet.type(b"\x03", b"# ") == erase + b"r1# "
    telnet.type(b"terminal length 0\r\n", b"# ")
    assert telnet.type(b"list\r\n", b"r1# ").count(b"\r\n") > 60
    assert b"at most 512" in telnet.type(b"terminal length 513\r\n", b"# ")


def test_whole_text_for_a_script(router: Ferro) -> None:
    """Without a window size there are no pages, also for a long text, and Ctrl-C ends it."""
    small_buffers(router)
    telnet = Telnet(router)
    in_enable(telnet)
    networks = b"".join(b"network 10.%d.%d.0/24\r\n" % (i >> 8, i & 255) for i in range(5000))
    telnet.socket.sendall(b"conf t\r\nrouter bgp 65001\r\naddress-family ipv4\r\n" + networks + b"end\r\n")
    telnet.read(b"end\r\nr1# ")
    text = telnet.type(b"show running-config\r\n", b"end\r\nr1# ")
    assert text.count(b"\r\n  network 10.") == 5000
    telnet.socket.sendall(b"show running-config\r\n")
    time.sleep(0.3)
    # A late answer of the client's telnet has the byte of Ctrl-C in it: DO SGA, a window 3 wide.
    telnet.socket.sendall(b"\xff\xfd")
    time.sleep(0.1)
    telnet.socket.sendall(b"\x03\xff\xfa\x1f\x00\x03\x00\x00\xff\xf0show motd")
    text = telnet.read(b"end\r\nr1# show motd")
    assert text.count(b"\r\n  network 10.") == 5000
    telnet.type(b"\r\n", b"r1# ")
    telnet.socket.sendall(b"show running-config\r\n")
    time.sleep(0.3)
    assert len(telnet.type(b"\x03", b"r1# ")) < len(text)
    assert b"FRRouting" in telnet.type(b"show version\r\n", b"r1# ")


def test_statements(router: Ferro) -> None:
    """They print where FRR prints them, and a file of them loads to itself."""
    said = router.shell("configure terminal", "password -x")
    assert said.returncode == 1 and said.stdout == "Please specify string starting with alphanumeric\n"
    router.configure("service advanced-vty", "service terminal-length 30", "log commands", "log stdout",
                     "banner motd line hello there", "line vty", "exec-timeout 5", "no login")
    text = router.show("show running-config no-header")
    assert text == """frr version 10.8
frr defaults traditional
hostname r1
service advanced-vty
service terminal-length 30
banner motd line hello there
log commands
log stdout
service integrated-vtysh-config
!
password zebra
enable password ena
!
line vty
 exec-timeout 5 0
 no login
exit
!
end
"""
    (router.etc / "x.conf").write_text(text.removesuffix("end\n"))
    assert router.run(router.vtysh_argv("--diff", "/etc/frr/x.conf")).stdout == ""


def test_login_statements(router: Ferro) -> None:
    """`no login`, `service advanced-vty` and a session without enable password."""
    router.configure("line vty", "no login")
    session = Telnet(router)
    assert session.read(NEGOTIATION + b"r1> ").endswith(b"\r\n\r\n" + NEGOTIATION + b"r1> ")
    router.configure("service advanced-vty")
    Telnet(router).read(NEGOTIATION + b"r1> ")  # there is an enable password
    router.shell("configure terminal", "no enable password")
    Telnet(router).read(NEGOTIATION + b"r1# ")
    router.configure("no service advanced-vty", "line vty", "login")
    session = Telnet(router)
    session.login()
    assert session.type(b"en\r\n", b"# ") == b"en\r\nr1# "


def test_timeout(router: Ferro) -> None:
    router.configure("line vty", "exec-timeout 0 1")
    session = Telnet(router)
    session.login()
    began = time.monotonic()
    assert session.read(b"") == b"\r\nVty connection is timed out.\r\n"
    assert 0.5 < time.monotonic() - began < 5


def test_a_login_takes_so_long_and_no_longer(router: Ferro) -> None:
    """Keys do not prolong it: a place of the 64 is not had for a byte now and then."""
    router.configure("line vty", "exec-timeout 0 3")
    session = Telnet(router)
    session.read(b"Password: ")
    began = time.monotonic()
    session.socket.settimeout(0.3)
    text = b""
    while b"timed out" not in text and time.monotonic() - began < 10:
        with contextlib.suppress(OSError):
            session.socket.sendall(b"x")
            text += session.socket.recv(1000)
    assert 2 < time.monotonic() - began < 6, text
    wait_until(lambda: not has_session(router), "the session is gone", 10)
    other = Telnet(router)
    other.login()
    other.socket.settimeout(0.3)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        assert other.type(b" \b", b"\b") is not None, "a user who types stays"


def test_a_client_is_bounded_before_login(router: Ferro) -> None:
    """Keys that look like one of vtysh's long requests are keys here; FRR's port has no such request."""
    small_buffers(router)
    session = Telnet(router)
    assert session.flood(b"\x03\x01f", 4 << 20) < 1 << 20
    assert has_session(router)


def test_a_client_that_does_not_read_times_out(router: Ferro) -> None:
    """Its input is full, so no key of it can come any more."""
    small_buffers(router)
    router.configure("line vty", "exec-timeout 0 2")
    session = Telnet(router)
    assert session.flood(b"\x03", 4 << 20) < 1 << 20
    wait_until(lambda: not has_session(router), "the session is gone", 10)


def test_a_client_that_leaves_and_does_not_read(router: Ferro) -> None:
    """Its goodbye does not wait for ever, also where a session has no timeout."""
    small_buffers(router)
    router.configure("line vty", "exec-timeout 0 0")
    session = Telnet(router)
    session.login()
    session.socket.sendall(b"\x03" * 11000)  # more prompts than the kernel holds, less than the daemon
    time.sleep(1)
    router.configure("line vty", "exec-timeout 0 1")
    assert has_session(router)
    session.socket.sendall(b"exit\r\n")
    wait_until(lambda: not has_session(router), "the session is gone", 10)


def test_number_of_sessions(router: Ferro) -> None:
    router.configure("log file /var/log/frr/bgpd.log")
    sessions = [Telnet(router) for _ in range(64)]
    for _ in range(3):
        assert Telnet(router).closed()
    router.await_logged("64 sessions on the TCP port, refusing more (127.0.0.1)")
    sessions.pop().socket.close()
    wait_until(lambda: router.show("who").count("127.0.0.1") == 63, "one is gone", 10)
    sessions.append(Telnet(router))
    sessions[-1].login()
    assert router.logged().count("refusing more") == 1


def test_timeout_of_a_monitor(telnet: Telnet, router: Ferro) -> None:
    """What the log says is no key."""
    router.configure("log commands", "line vty", "exec-timeout 0 2")
    in_enable(telnet)
    telnet.type(b"terminal monitor\r\n", b"# ")
    def is_gone() -> bool:
        return "127.0.0.1" not in router.show("who")  # logged, so that it is shown there
    wait_until(is_gone, "the session is gone", 8, 0.2)
    assert b"who" in telnet.read(b"\r\nVty connection is timed out.\r\n")


def test_encryption(router: Ferro) -> None:
    """Passwords in clear become hashes; the same file again changes nothing."""
    router.configure("service password-encryption")
    text = router.show("show running-config")
    hashes = re.findall(r"^(?:enable )?password 8 (\S+)$", text, re.M)
    assert len(hashes) == 2 and all(h.startswith("$6$") for h in hashes) and "zebra" not in text
    Telnet(router).login()
    in_enable(Telnet(router))
    (router.etc / "x.conf").write_text(CONF + "service password-encryption\n")
    done = router.run(router.vtysh_argv("--reload", "/etc/frr/x.conf"))
    assert done.stdout == "" and done.returncode == 0
    router.configure("no service password-encryption")
    assert router.show("show running-config").count("password 8 $6$") == 2
    router.configure("password 8 CivkQhT7ZHbrw")  # FRR's hash of zebra
    Telnet(router).login()


def test_banner(router: Ferro) -> None:
    """`show motd`, vtysh and the vty port greet alike."""
    (router.etc / "motd").write_text("first\nsecond")
    router.configure("banner motd line hello  there")
    assert router.show("show motd") == "hello there\n"
    assert Telnet(router).read(b"Password: ").startswith(b"hello there\r\n\r\nUser Access")
    assert router.shell(stdin="exit\n").stdout.startswith("hello there\nr1# ")
    router.configure("banner motd file /etc/frr/motd")
    assert router.show("show motd") == "first\nsecond\n"
    (router.etc / "motd").unlink()
    assert "Hello, this is" in router.show("show motd")
    router.configure("no banner motd")
    assert router.show("show motd") == ""
    assert "\nno banner motd\n" in router.show("show running-config")
    assert Telnet(router).read(b"Password: ").startswith(b"\r\nUser Access")
    router.configure("banner motd default")
    assert "Hello, this is" in router.show("show motd")
    assert "banner" not in router.show("show running-config")
    said = router.shell("configure terminal", "banner motd file /nowhere")
    assert (said.returncode, said.stdout) == (0, "% Can't read /nowhere\n")


def test_monitor(telnet: Telnet, router: Ferro) -> None:
    in_enable(telnet)
    assert telnet.type(b"terminal monitor\r\n", b"# ") == b"terminal monitor\r\nr1# "
    router.configure("log commands")
    router.shell("show version")
    telnet.socket.settimeout(10)
    assert b"show version" in telnet.read(b"show version\r\n")


def test_many_come_and_go(router: Ferro) -> None:
    """Sessions that are torn off at any point leave nothing behind."""
    for keys in (b"", b"zebra", b"zebra\r\nshow ver", b"zebra\r\nenable\r\n", b"zebra\r\nlist\r\n" + WINDOW,
                 b"\xff\xfa\x1f" + b"\xff" * 100, b"\xff" * 50, b"x" * 100_000, b"\x1b[" * 1000):
        session = Telnet(router)
        session.socket.sendall(keys)
        session.socket.close()
    wait_until(lambda: router.show("who").count("127.0.0.1") == 0, "all sessions are gone", 10)
