"""A short form of `make torture`: a few trials with each kind of fault that needs no tool but Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.torture import faults
from evaluation.torture.faults import FLIPPED, Bench, make_bench
from evaluation.torture.trials import COMMANDS, Outcome, Tally, Verdict, copy_of, execute, judge, outcome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return make_bench(tmp_path_factory.mktemp("torture"))


def assert_nothing_happened(tally: Tally) -> None:
    assert tally.trials
    assert (tally.lost, tally.double, tally.wrong, tally.silent) == (0, 0, 0, 0), tally.notes


def test_kills_at_random_times(bench: Bench) -> None:
    assert_nothing_happened(faults.kills_at_times(bench, len(COMMANDS)))


@pytest.mark.parametrize("kind", FLIPPED)
def test_flipped_bits(bench: Bench, kind: str) -> None:
    assert_nothing_happened(faults.flipped_bits(bench, 5, kind))


def test_cut_and_swapped_archives(bench: Bench) -> None:
    assert_nothing_happened(faults.cut_and_swapped_archives(bench, 2))


def test_two_commands_at_once(bench: Bench) -> None:
    assert_nothing_happened(faults.two_at_once(bench, 2))


def test_the_judge_notices_what_is_lost_doubled_or_wrong(bench: Bench, tmp_path: Path) -> None:
    settings = copy_of(bench.base, tmp_path / "copy")
    execute(settings, ("run",))
    expected = bench.expected["run"]
    assert judge(settings, expected, True, False, "nothing") == Verdict(True)
    fewer = Outcome(expected.tables, expected.published, expected.doubled, expected.articles + 1)
    assert judge(settings, fewer, True, False, "fewer").lost
    other = Outcome({**expected.tables, "quotes": "x"}, expected.published, expected.doubled, expected.articles)
    assert judge(settings, other, True, False, "other").wrong
    assert outcome(settings) == expected
