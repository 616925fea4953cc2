"""The kinds of fault, each as a function that makes some trials and returns what became of them."""

from __future__ import annotations

import functools
import math
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from etl.configuration.settings import Settings
from etl.errors import WarehouseError
from etl.pipeline.api import Warehouse
from etl.warehouse import checksums
from etl.warehouse.delta import Store
from evaluation.torture.trials import COMMANDS, Outcome, Tally, Verdict, copy_of, execute, judge, make_base, outcome
from schemas import TABLES

_SYSTEM_CALLS = ("fsync", "rename", "renameat2", "unlink", "openat", "write", "pwrite64", "link", "mkdir", "symlink")
_READING = "read,pread64,fsync"
_LONGEST = 120.0  # seconds that a command may take under strace


@dataclass(frozen=True)
class Bench:
    """Where trials are made: the base project and a folder for copies.

    Without a fault each command leads to what is `claimed`, and then `run` to what is `expected`.
    """

    base: Path
    folder: Path
    claimed: dict[str, Outcome]
    expected: dict[str, Outcome]
    seed: int = 1

    def trial_folder(self) -> Path:
        """A new folder for a copy."""
        return self.folder / f"trial-{time.monotonic_ns()}"


def make_bench(folder: Path) -> Bench:
    """Make the base project, and run each command on a copy of it undisturbed, then `run`."""
    base = folder / "base"
    make_base(base)
    claimed: dict[str, Outcome] = {}
    expected: dict[str, Outcome] = {}
    for name, command in COMMANDS.items():
        settings = copy_of(base, folder / f"expected-{name}")
        for arguments, outcomes in ((command, claimed), (("run",), expected)):
            assert execute(settings, arguments).returncode == 0, arguments
            outcomes[name] = outcome(settings)
    return Bench(base, folder, claimed, expected)


def _trial(
    bench: Bench, name: str, what: str, disturb: Callable[..., subprocess.CompletedProcess[str] | None]
) -> Verdict:
    """Disturb a command, repeat it, then run; judge the result. `disturb` returns null if the process was killed."""
    folder = bench.trial_folder()
    settings = copy_of(bench.base, folder)
    try:
        before = outcome(settings)
        result = disturb(settings, COMMANDS[name])
        hit = result is None or result.returncode != 0
        claimed = result is not None and result.returncode == 0
        valid = (before.published, bench.claimed[name].published, bench.expected[name].published)
        silent = claimed and outcome(settings).published not in valid
        execute(settings, COMMANDS[name])
        last = execute(settings, ("run",))
        if last.returncode != 0:
            return Verdict(hit, wrong=True, note=f"{what}: {last.stderr.strip().splitlines()[-1:]}")
        return judge(settings, bench.expected[name], hit, silent, what)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_parallel(trials: Sequence[Callable[[], Verdict]], tally: Tally) -> Tally:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for verdict in pool.map(lambda trial: trial(), trials):
            tally.add(verdict)
    return tally


def kills_at_times(bench: Bench, trials: int) -> Tally:
    """SIGKILL of the whole process group after a random time."""
    rng = random.Random(bench.seed)

    def kill(seconds: float, settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
        try:
            return execute(settings, command, prefix=("timeout", "-s", "KILL", f"{seconds:.3f}"))
        except subprocess.TimeoutExpired:
            return None

    return _in_parallel(
        [
            functools.partial(
                _trial, bench, name, f"{name} killed after {seconds:.2f} s", functools.partial(kill, seconds)
            )
            for n in range(trials)
            for name, seconds in [(list(COMMANDS)[n % len(COMMANDS)], rng.uniform(0.6, 4.5))]
        ],
        Tally("killed at random times"),
    )


def kills_at_system_calls(bench: Bench, trials: int) -> Tally:
    """SIGKILL when a random one of the system calls is made that change files."""
    rng, counts = (
        random.Random(bench.seed + 1),
        {name: _count_calls(bench, command) for name, command in COMMANDS.items()},
    )

    def places() -> Iterator[tuple[str, str, int]]:
        for n in range(trials):
            name = list(COMMANDS)[n % len(COMMANDS)]
            call = rng.choice([call for call in _SYSTEM_CALLS if counts[name].get(call)])
            yield name, call, _nth(rng, counts[name][call])

    return _in_parallel(
        [
            functools.partial(
                _trial, bench, name, f"{name} killed at {call} {n}",
                functools.partial(_under_strace, call, f"inject={call}:signal=SIGKILL:when={n}"),
            )
            for name, call, n in places()
        ],
        Tally("killed at system calls"),
    )  # fmt: skip


def errors_of_reads(bench: Bench, trials: int) -> Tally:
    """An input or output error (EIO) at a random read or fsync."""
    rng = random.Random(bench.seed + 2)
    counts = {name: _count_calls(bench, command) for name, command in COMMANDS.items()}
    totals = {name: sum(counts[name].get(call, 0) for call in _READING.split(",")) for name in COMMANDS}
    return _in_parallel(
        [
            functools.partial(
                _trial, bench, name, f"{name} with EIO at call {n}",
                functools.partial(_under_strace, _READING, f"inject={_READING}:error=EIO:when={n}"),
            )
            for number in range(trials)
            for name in [list(COMMANDS)[number % len(COMMANDS)]]
            for n in [_nth(rng, totals[name])]
        ],
        Tally("input/output error (EIO)"),
    )  # fmt: skip


def _nth(rng: random.Random, count: int) -> int:
    """Choose one of `count` calls; early ones more often, because strace counts the calls of each thread for itself."""
    return round(math.exp(rng.uniform(0, math.log(max(1, count)))))


def _under_strace(
    calls: str, injection: str, settings: Settings, command: Sequence[str]
) -> subprocess.CompletedProcess[str] | None:
    prefix = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", injection)
    try:
        result = execute(settings, command, prefix=prefix, seconds=_LONGEST)
    except subprocess.TimeoutExpired:
        return None
    return None if result.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL) else result


def _count_calls(bench: Bench, command: Sequence[str]) -> dict[str, int]:
    """Return how often a command makes each system call."""
    folder = bench.trial_folder()
    settings, table = copy_of(bench.base, folder), folder / "calls.txt"
    calls = ",".join({*_SYSTEM_CALLS, *_READING.split(",")})
    prefix = ("strace", "-f", "-qq", "-c", "-o", str(table), "-e", f"trace={calls}")
    execute(settings, command, prefix=prefix)
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", table.read_text(), re.MULTILINE)
    shutil.rmtree(folder)
    return {call: int(n) for n, call in rows}


def small_files(bench: Bench, trials: int) -> Tally:
    """A limit on the size of files (ulimit -f)."""
    rng = random.Random(bench.seed + 3)

    def limited(size: int, settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        def prepare() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        return execute(settings, command, prepare=prepare)

    return _in_parallel(
        [
            functools.partial(
                _trial, bench, name, f"{name} with files of {size} bytes", functools.partial(limited, size)
            )
            for n in range(trials)
            for name, size in [(list(COMMANDS)[n % len(COMMANDS)], 2 ** rng.randint(8, 21))]
        ],
        Tally("file size limited"),
    )


# Runs a command while the warehouse lies on a file system of a given size, then moves the warehouse back.
_SMALL_DISK = """
set -e
mkdir ../disk && mount -t tmpfs -o size=$SIZE none ../disk
cp -a warehouse/. ../disk/ && mount --bind ../disk warehouse
code=0; "$@" || code=$?
umount warehouse && rm -rf warehouse && cp -a ../disk warehouse
exit $code
"""


def full_disk(bench: Bench, trials: int) -> Tally:
    """A warehouse on a disk with little space left."""
    rng = random.Random(bench.seed + 7)

    def full(free: int, settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        used = sum(path.stat().st_blocks * 512 for path in settings.warehouse.rglob("*") if not path.is_symlink())
        prefix = ("unshare", "--mount", "sh", "-c", _SMALL_DISK, "sh")
        return execute(settings, command, prefix=prefix, environment={"SIZE": str(used + free)})

    return _in_parallel(
        [
            functools.partial(_trial, bench, name, f"{name} with {free:,} bytes free", functools.partial(full, free))
            for n in range(trials)
            for name, free in [(list(COMMANDS)[n % len(COMMANDS)], int(2 ** rng.uniform(13, 23)))]
        ],
        Tally("disk full (ENOSPC)"),
    )


def full_temporary_folder(bench: Bench, trials: int) -> Tally:
    """A temporary folder without space: a file system of 16 KiB."""
    script = 'mount -t tmpfs -o size=16k none "$TMPDIR" && exec "$@"'

    def full(settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        temporary = bench.folder / f"tmp-{time.monotonic_ns()}"
        temporary.mkdir()
        prefix = ("unshare", "--mount", "sh", "-c", script, "sh")
        return execute(settings, command, prefix=prefix, environment={"TMPDIR": str(temporary)})

    return _in_parallel(
        [
            functools.partial(_trial, bench, name, f"{name} with a full temporary folder", full)
            for n in range(trials)
            for name in [list(COMMANDS)[n % len(COMMANDS)]]
        ],
        Tally("full temporary folder"),
    )


def two_at_once(bench: Bench, trials: int) -> Tally:
    """Two commands that begin at the same moment."""
    rng = random.Random(bench.seed + 4)

    def together(other: str, settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(execute, settings, c) for c in (command, COMMANDS[other])]
            results = [future.result() for future in both]
        for result in results:
            if result.returncode and "another dateline process" not in result.stderr and "already" not in result.stderr:
                return result
        return results[0]

    pairs = [(rng.choice(list(COMMANDS)), rng.choice(("run", "run", "maintain"))) for _ in range(trials)]
    return _in_parallel(
        [functools.partial(_trial, bench, a, f"{a} beside {b}", functools.partial(together, b)) for a, b in pairs],
        Tally("two commands at once"),
    )


def clock_set_back(bench: Bench, trials: int) -> Tally:
    """A run, a maintenance and so on whose clock shows an earlier day."""

    names = ("run", "maintain", "takedown", "publish")  # a text cannot be imported before it was published

    def earlier(day: int, settings: Settings, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return execute(settings, (*command, "--as-of", f"2025-01-{day:02d}"))

    return _in_parallel(
        [
            functools.partial(_trial, bench, name, f"{name} on an earlier day", functools.partial(earlier, 1 + n % 28))
            for n in range(trials)
            for name in [names[n % len(names)]]
        ],
        Tally("clock set back"),
    )


FLIPPED = {
    "data files": "tables/*/**/*.parquet", "logs of tables": "tables/*/_delta_log/*.json",
    "WARC files": "warc/*.warc.gz", "side indexes": "warc/*.index", "editions": "dateline-*.duckdb",
    "batches.jsonl": "batches.jsonl",
}  # fmt: skip


def flipped_bits(bench: Bench, trials: int, kind: str) -> Tally:
    """One flipped bit in a file: `verify` must name it; in every thirtieth trial `run` must mend it, too."""
    rng, tally = random.Random(bench.seed + 5), Tally(f"flipped bits in {kind}")
    folder = bench.trial_folder()
    settings = copy_of(bench.base, folder)
    execute(settings, ("run",))
    expected, root = bench.expected["run"], settings.warehouse
    current = {*_live_files(root)}
    for number in range(trials):
        paths = sorted(p for p in root.glob(FLIPPED[kind]) if p.suffix != ".parquet" or p in current)
        path = rng.choice(paths)
        content = path.read_bytes()
        changed = bytearray(content)
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        checksums._verified.clear()
        caught = any(
            path.name in problem.what or path.parts[-3] in problem.what for problem in Warehouse(settings).verify()
        )
        verdict = Verdict(True, silent=not caught, note="" if caught else f"{path.name} was not named")
        path.write_bytes(content)
        if number % 30 == 0 and kind in ("data files", "logs of tables", "editions"):
            path.write_bytes(changed)
            execute(settings, ("run",))
            (settings.config / "topics" / "extra.yaml").write_text(f"title: Extra\nquery: word{number}\n")
            execute(settings, ("run",))
            (settings.config / "topics" / "extra.yaml").unlink()
            execute(settings, ("run",))
            verdict = judge(settings, expected, True, not caught, f"{path.name} flipped")
            current = {*_live_files(root)}
        tally.add(verdict)
    shutil.rmtree(folder)
    return tally


def _live_files(root: Path) -> list[Path]:
    return [Path(file) for table in TABLES.values() for file in Store(root).files(table)]


def cut_and_swapped_archives(bench: Bench, trials: int) -> Tally:
    """A WARC file that is cut off, or two that have changed names, when everything is computed again."""
    rng = random.Random(bench.seed + 6)

    def spoil(number: int) -> Verdict:
        folder = bench.trial_folder()
        settings = copy_of(bench.base, folder)
        execute(settings, ("run",))
        expected = outcome(settings)
        paths = sorted((settings.warehouse / "warc").glob("*.warc.gz"))
        first, second = rng.sample(paths, 2)
        contents = first.read_bytes(), second.read_bytes()
        if number % 2:
            first.write_bytes(contents[0][: rng.randrange(len(contents[0]))])
        else:
            first.write_bytes(contents[1])
            second.write_bytes(contents[0])
        for name in ("articles", "rejects"):
            shutil.rmtree(settings.warehouse / "tables" / name)
        result = execute(settings, ("run",))
        silent = result.returncode == 0
        wrong = not _is_less(settings, expected)
        first.write_bytes(contents[0])
        second.write_bytes(contents[1])
        execute(settings, ("run",))
        verdict = judge(settings, expected, True, silent, f"archive {'cut' if number % 2 else 'swapped'}")
        shutil.rmtree(folder)
        return Verdict(True, verdict.lost, verdict.double, verdict.wrong or wrong, silent, verdict.note)

    return _in_parallel([functools.partial(spoil, n) for n in range(trials)], Tally("cut and swapped archives"))


def _is_less(settings: Settings, expected: Outcome) -> bool:
    """Whether nothing is published but rows that were published before.

    The edition before may have stayed, which cannot be read: its data files were deleted.
    """
    try:
        return all(row in expected.published[0] for row in outcome(settings).published[0])
    except WarehouseError:
        return True


_READER = """
import sys, time, duckdb
link, until, allowed = sys.argv[1], time.time() + float(sys.argv[2]), {int(n) for n in sys.argv[3].split(",")}
n = wrong = 0
while time.time() < until:
    import os
    with duckdb.connect(os.path.realpath(link), read_only=True) as c:
        count = c.execute("SELECT count(*) FROM articles").fetchall()[0][0]
        again = c.execute("SELECT sum(n_articles) FROM source_health").fetchall()[0][0]
        n += 1
        wrong += count not in allowed or again != count
print(n, wrong)
"""


def readers_while_publishing(bench: Bench, trials: int) -> Tally:
    """A reader that opens the published file again and again, while it is replaced and maintained."""
    tally, folder = Tally("readers while publishing"), bench.trial_folder()
    settings = copy_of(bench.base, folder)
    n_articles = bench.expected["run"].articles
    seconds = max(5.0, 4.0 * trials)
    link = settings.warehouse / "dateline.duckdb"
    command = [sys.executable, "-c", _READER, str(link), str(seconds), str(n_articles)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for number in range(trials):
        (settings.config / "topics" / "extra.yaml").write_text(f"title: Extra\nquery: word{number}\n")
        execute(settings, ("run",))
        execute(settings, ("maintain",))
    for reader in readers:
        output, errors = reader.communicate()
        n, wrong = map(int, output.split()) if reader.returncode == 0 else (0, 1)
        note = f"{n:,} connections" if not errors else errors.strip().splitlines()[-1]
        tally.trials += n
        tally.hit += n
        tally.wrong += wrong
        tally.notes += [note] if wrong else []
    shutil.rmtree(folder)
    return tally
