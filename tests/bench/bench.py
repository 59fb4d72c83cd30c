#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: measures Ferro and other daemons in the scenarios of scenarios.py and mixed.py.

The results go to a JSON file; report.py makes tables and charts of them. Environment:
  BENCH_ONLY    scenarios, "s1 s4" (default: all)
  BENCH_PEERS   daemons, "ferro bird" (default: all that are installed)
  BENCH_RUNS    runs of ferro and bird (3); of the others 1
  BENCH_SCALE   divides every table (1)
  BENCH_SEED    seed of the first run (1); the others follow it
  BENCH_BEFORE  the folder of another build of Ferro that is measured, too (none)
  BENCH_MINUTES no new run begins after this time (25); all first runs come first
  BENCH_RESULT  where the results go (BUILD/bench.json)
"""
from __future__ import annotations

import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import time

import arena
import mixed
import report
import scenarios
from arena import BenchError
from daemons import DAEMONS, Before, Ferro
from load import Load, Result
from scenarios import PARTS, Context

SLOW = ("before", "frr", "openbgpd", "gobgp")
PROGRAMS = {"bird": "/usr/sbin/bird", "frr": "/usr/lib/frr/bgpd", "openbgpd": "/usr/sbin/bgpctl",
            "gobgp": "/usr/bin/gobgpd"}


def words(name: str, default: list[str]) -> list[str]:
    return os.environ.get(name, "").split() or default


def installed(daemon: str) -> bool:
    if daemon == "before":
        return bool(os.environ.get("BENCH_BEFORE"))
    return daemon not in PROGRAMS or os.path.exists(PROGRAMS[daemon])


def run_one(c: Context) -> list[Result]:
    everything = {**scenarios.SCENARIOS, **mixed.SCENARIOS}
    start = time.monotonic()
    try:
        everything[c.scenario](c)
    except (BenchError, OSError, ValueError, LookupError, subprocess.SubprocessError) as e:
        c.add("failed", why=f"{type(e).__name__}: {e}")
    for r in c.records:
        print("   ", report.line(r), flush=True)
    print(f"    ({time.monotonic() - start:.1f} s)", flush=True)
    return c.records


def plan() -> list[Context]:
    runs, scale = int(os.environ.get("BENCH_RUNS", "3")), int(os.environ.get("BENCH_SCALE", "1"))
    seed = int(os.environ.get("BENCH_SEED", "1"))
    parts = {d: {**p, **mixed.PARTS.get(d, {})} for d, p in PARTS.items()}
    only = words("BENCH_ONLY", [s for s in parts["ferro"]])
    out = []
    for scenario in only:
        if scenario not in parts["ferro"]:
            sys.exit(f"bench: no scenario {scenario}; there are {' '.join(parts['ferro'])}")
    for run in range(runs):
        for scenario in only:
            for daemon in words("BENCH_PEERS", [d for d in DAEMONS if installed(d)]):
                once = daemon in SLOW or scenario in mixed.ONCE
                if scenario in parts[daemon] and not (once and run):
                    out.append(Context(daemon, scenario, seed + run, scale * parts[daemon][scenario],
                                       first=run == 0, timeout=45 if daemon in PROGRAMS and daemon != "bird" else 120))
    return out


def measure(result: pathlib.Path) -> None:
    arena.prepare()
    records: list[Result] = []
    start = time.time()
    minutes = float(os.environ.get("BENCH_MINUTES", "25"))
    todo = plan()
    for n, c in enumerate(todo):
        if time.time() - start > minutes * 60:
            print(f"{minutes:g} minutes are over; {len(todo) - n} of {len(todo)} runs are left out")
            break
        print(f"{c.scenario} {c.daemon} seed {c.seed}" + (f" 1/{c.scale}" if c.scale > 1 else ""),
              flush=True)
        records += run_one(c)
        save(result, records, start)


def save(result: pathlib.Path, records: list[Result], start: float) -> None:
    """After every run, so that one that is cut short leaves what it has."""
    about = {"date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(start)),
             "cpus": os.cpu_count(), "kernel": platform.release(),
             "seconds": round(time.time() - start), "cpu": cpu_name()}
    new = result.with_suffix(".new")
    new.write_text(json.dumps({"about": about, "records": records}, indent=0) + "\n")
    new.rename(result)


def cpu_name() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def main() -> None:
    inside = sys.argv[1:2] == ["--inside"]
    build = pathlib.Path(sys.argv[2 if inside else 1]).resolve()
    Ferro.build = build
    Before.build = pathlib.Path(os.environ.get("BENCH_BEFORE", ".")).resolve()
    Load.program = build / "tests" / "bench" / "bgpload"
    result = pathlib.Path(os.environ.get("BENCH_RESULT", build / "bench.json")).resolve()
    if not inside:
        arena.enter(__file__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    measure(result)
    print()
    print(report.text(json.loads(result.read_text())))


if __name__ == "__main__":
    main()
