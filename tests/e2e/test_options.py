# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of vtysh beside Debian's own FRR: both shells get the same command lines, with the same
daemon behind them, and must say and return the same."""
from __future__ import annotations

import re
import time

import pexpect
import pytest

from lab import Ferro
from test_shell import CTRL_C, Terminal

FRR_VTYSH = "/usr/bin/vtysh"
CONF = "hostname r1\nrouter bgp 65001\n neighbor 1.1.1.1 remote-as 2\n"
OK = "router bgp 65001\n neighbor 1.1.1.2 remote-as 3\n"
LINES = [
    ["-c", "foo"], ["-c", "show"], ["-c", ""],
    ["-c", "configure terminal\nhostname r1\nend\nshow history"],
    ["-c", "foo", "-c", "show history"],
    ["-E", "-c", "configure terminal", "-c", "router bgp 65001", "-c", "exit", "-c", "end"],
    ["-e", "show ip bgp summary"],
    ["-d", "bgpd", "-c", "show daemons"], ["-d", "staticd", "-c", "show daemons"],
    ["-d", "nosuch", "-c", "show history"], ["-d", "ospfd", "-c", "show history"],
    ["-u", "-c", "configure terminal"], ["-u", "-c", "show ip bgp summary"],
    ["-u", "-c", "enable", "-c", "configure terminal"],
    ["-C", "-f", "/etc/frr/ok.conf"], ["-C"], ["-m", "-f", "/etc/frr/ok.conf"], ["-m"],
    ["-C", "-m", "-f", "/etc/frr/ok.conf"], ["-b", "-w"],
    ["-w"], ["-t", "-c", "show history"],
    ["-N", "a/b", "-c", "show history"], ["--vty_socket", "/nosuch", "-c", "show history"],
    ["-H", "/tmp/nosuch", "-c", "show history"], ["-c", "show history", "stray"],
    ["-c", "exit", "-c", "show history"], ["-c", "end"], ["-c", "disable", "-c", "show running-config"],
    ["-c", "write terminal", "-c", "show running-config bgpd no-header"],
    ["-c", "show running-config no-header"],
    ["-c", "write memory"], ["-c", "copy running-config startup-config"], ["-c", "write file"],
    ["-c", "terminal length 0"], ["-c", "terminal paginate"], ["-c", "terminal monitor"],
    ["-c", "copy /etc/frr/ok.conf running-config", "-c", "show running-config"],
    ["-z"], ["--foo"], ["-c"],
]


@pytest.fixture
def router(r1: Ferro) -> Ferro:
    r1.begin(CONF)
    (r1.etc / "ok.conf").write_text(OK)
    return r1


def neutral(text: str, program: str) -> str:
    text = text.replace(program, "vtysh")
    return re.sub(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+", "TIME", text)


def test_as_frrs_shell(router: Ferro) -> None:
    wrong = []
    for line in LINES:
        answers = []
        for program in (FRR_VTYSH, router.vtysh_argv()[0]):
            done = router.run([program, *line])
            answers.append((done.returncode, neutral(done.stdout, program), neutral(done.stderr, program)))
        if answers[0] != answers[1]:
            wrong.append(f"{line}: FRR {answers[0]}, here {answers[1]}")
    assert not wrong, "\n".join(wrong)


def test_copy_of_a_file(router: Ferro) -> None:
    """copy FILE running-config: the file's statements are added; a fault gives its status."""
    assert router.shell("copy /etc/frr/ok.conf running-config").returncode == 0
    assert " neighbor 1.1.1.2 remote-as 3\n" in router.show("show running-config")
    (router.etc / "bad.conf").write_text(OK + " nonsense\nhostname r9\n")
    done = router.shell("copy /etc/frr/bad.conf running-config", "show version")
    assert done.returncode == 1 and "FRRouting" not in done.stdout
    assert re.search(r"^line 3: % Unknown command\[\d+\]:  nonsense$", done.stderr, re.M)
    done = router.shell("copy /nosuch running-config")
    assert done.returncode == 1 and "/nosuch, No such file or directory" in done.stderr


def test_window_resize(router: Ferro) -> None:
    """The names that `?` lists, and the line itself, follow the size of the window."""
    router.configure("router bgp 65001", *(f"neighbor 10.200.100.{i} remote-as 3" for i in range(100, 140)))
    term = Terminal(router)
    prompt = "r1(config-router)# "
    term.say("configure terminal", "r1(config)# ")
    term.say("router bgp 65001", prompt)
    for columns in (100, 40, 120):
        term.child.setwinsize(24, columns)
        term.until(prompt)  # the line is drawn again
        shown = term.ask("neighbor ", "?", prompt)
        names = [line for line in shown.splitlines() if "10.200.100." in line]
        assert names, shown
        assert sum(len(line.split()) for line in names) >= 40
        assert columns - 20 < max(len(line.rstrip()) for line in names) <= columns
    term.child.close(force=True)


def test_pager_follows_the_window(router: Ferro) -> None:
    argv = router.argv(["setsid", "--ctty", "--wait", *router.vtysh_argv()])
    child = pexpect.spawn(argv[0], argv[1:], env=router.env() | {"VTYSH_PAGER": "more"}, encoding="utf-8",
                          timeout=15, dimensions=(24, 80))
    child.expect_exact("r1# ")
    pages = []
    for rows in (24, 40, 12):
        child.setwinsize(rows, 80)
        time.sleep(0.3)
        child.send("list\r")
        child.expect_exact("--More--")
        text = child.before.split("list\r\n", 1)[1]
        pages.append(sum(-(-max(len(line), 1) // 80) for line in text.split("\r\n")[:-1]))
        child.send("q")
        child.expect_exact("r1# ")
    # a line that is longer than the window's last row waits for the next page
    assert all(rows - 4 <= page <= rows - 1 for rows, page in zip((24, 40, 12), pages)), pages
    child.close(force=True)


def test_ctrl_c_in_the_pager_and_in_help(router: Ferro) -> None:
    """Ctrl-C leaves the shell as it was, whatever is on the screen."""
    term = Terminal(router)
    term.say("configure terminal", "r1(config)# ")
    for _ in range(3):
        term.child.send("do list" + CTRL_C)
        term.until("r1(config)# ")
    assert "FRRouting" in term.say("do show version", "r1(config)# ")
    term.child.close(force=True)
