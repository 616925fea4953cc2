"""Make all trials and print one table: 0 lost, 0 double, 0 wrong, 0 silent is what is expected.

A trial copies a small project, disturbs a command, repeats the command, runs, and compares the tables and what is
published with a project in which nothing was disturbed. `lost`: articles are missing. `double`: two rows have the same
key. `wrong`: something else differs, or `verify` finds damage. `silent`: the command ended with status 0 although it
published something that is right neither before nor after it, or damage was not named.

Kills and errors at system calls need strace; full disks need the right to mount (root).

Run: python -m evaluation.torture [--short] [--only TEXT]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evaluation.torture import faults
from evaluation.torture.faults import FLIPPED, Bench, make_bench
from evaluation.torture.trials import Tally

Fault = Callable[[Bench, int], Tally]
_ARGUMENTS = argparse.ArgumentParser(prog="python -m evaluation.torture")
_ARGUMENTS.add_argument("--short", action="store_true", help="a few trials of each kind")
_ARGUMENTS.add_argument("--only", default="", metavar="TEXT", help="only kinds whose name contains this")
_ARGUMENTS.add_argument("--share", type=float, default=1.0, help="of the trials of the full form")


def plan() -> list[tuple[Fault, int, int]]:
    """Each kind of fault with its number of trials, in the full and in the short form."""
    kinds: list[tuple[Fault, int, int]] = [(faults.kills_at_times, 300, 3)]
    if shutil.which("strace"):
        kinds += [
            (faults.kills_at_system_calls, 700, 4),
            (faults.errors_of_reads, 60, 2),
        ]
    kinds.append((faults.small_files, 30, 2))
    if os.geteuid() == 0 and shutil.which("unshare"):
        kinds += [(faults.full_disk, 60, 3), (faults.full_temporary_folder, 10, 2)]
    kinds += [(partial(faults.flipped_bits, kind=kind), 300, 5) for kind in FLIPPED]
    return [
        *kinds, (faults.cut_and_swapped_archives, 30, 2), (faults.two_at_once, 30, 2), (faults.clock_set_back, 15, 2),
        (faults.readers_while_publishing, 20, 1),
    ]  # fmt: skip


def torture(folder: Path, short: bool, only: str = "", share: float = 1.0) -> list[Tally]:
    """Make the trials; print a line for each kind of fault."""
    bench = make_bench(folder)
    print(f"{'fault':34} {'trials':>6} {'hit':>6} {'lost':>5} {'double':>6} {'wrong':>5} {'silent':>6} {'s':>5}")
    tallies = []
    for fault, full, few in plan():
        name = (fault.func.__name__ if isinstance(fault, partial) else fault.__name__) + str(
            getattr(fault, "keywords", "")
        )
        if only not in name:
            continue
        began = time.monotonic()
        tally = fault(bench, few if short else max(1, round(full * share)))
        seconds = time.monotonic() - began
        print(
            f"{tally.fault:34} {tally.trials:6,} {tally.hit:6,} {tally.lost:5} {tally.double:6} {tally.wrong:5} "
            f"{tally.silent:6} {seconds:5.0f}", flush=True,
        )  # fmt: skip
        for note in tally.notes[:10]:
            print(f"    {note}")
        tallies.append(tally)
    return tallies


def main() -> None:
    """Print the table; end with status 1 if anything is not as it should be."""
    options = _ARGUMENTS.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-torture-") as folder:
        tallies = torture(Path(folder), options.short, options.only, options.share)
    if any(tally.lost or tally.double or tally.wrong or tally.silent for tally in tallies):
        sys.exit(1)


if __name__ == "__main__":
    main()
