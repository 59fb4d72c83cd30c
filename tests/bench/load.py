# SPDX-License-Identifier: GPL-2.0-or-later
"""bgpload, the load generator, and what one of its phases cost the daemon."""
from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Any

import arena
from arena import BenchError
from daemons import Daemon

Result = dict[str, Any]


class Load:
    """A running bgpload. Its options are those of the program, without the dashes."""

    program = pathlib.Path("tests/bench/bgpload")

    def __init__(self, daemon: Daemon | None, seed: int, **options: Any) -> None:
        self.daemon = daemon
        argv = [str(self.program), f"--seed={seed}"]
        for name, value in options.items():
            argv.append(f"--{name}" if value is True else f"--{name}={value}")
        self._popen = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self._read()

    def _read(self) -> Result:
        assert self._popen.stdout
        line = self._popen.stdout.readline()
        if not line:
            raise BenchError(f"bgpload ended (exit {self._popen.wait()})")
        answer: Result = json.loads(line)
        return answer

    def tell(self, command: str) -> None:
        assert self._popen.stdin
        self._popen.stdin.write(command + "\n")
        self._popen.stdin.flush()

    def finish(self, what: str) -> Result:
        answer = self._read()
        if not answer.get("ok"):
            raise BenchError(f"{what}: {answer.get('why', answer)}")
        return answer

    def phase(self, command: str) -> Result:
        """One phase, and what it cost: done_s, cpu_s, peak_mb (of the process so far), rss_mb."""
        pids = self.daemon.pids() if self.daemon else []
        before = arena.cpu_seconds(pids)
        self.tell(command)
        answer = self.finish(command)
        if self.daemon:
            answer["cpu_s"] = arena.cpu_seconds(pids) - before
            answer["peak_mb"] = arena.memory_mb(pids)
            answer["rss_mb"] = arena.memory_mb(pids, "VmRSS")
        return answer

    def stats(self) -> Result:
        self.tell("stats")
        return self.finish("stats")

    def close(self) -> None:
        assert self._popen.stdin and self._popen.stdout
        try:
            self._popen.stdin.close()
            self._popen.wait(2)
        except (subprocess.TimeoutExpired, OSError):
            self._popen.kill()
            self._popen.wait()
        self._popen.stdout.close()
