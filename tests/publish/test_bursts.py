"""Kleinberg's two states: what stands out, and what does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from etl.publish.bursts import kleinberg_weights


def bursting(found: list[int], everything: list[int]) -> list[int]:
    return [day for day, weight in enumerate(kleinberg_weights(found, everything)) if weight is not None]


def test_days_of_twice_the_share_are_a_burst() -> None:
    assert bursting([1] * 20 + [9, 8, 9] + [1] * 20, [20] * 43) == [20, 21, 22]


def test_more_of_everything_is_no_burst() -> None:
    assert bursting([1] * 20 + [10] + [1] * 20, [20] * 20 + [200] + [20] * 20) == []


def test_one_more_on_a_slow_day_is_none() -> None:
    assert bursting([1] * 20 + [2] + [1] * 20, [20] * 41) == []


def test_an_unknown_day_inside_belongs_to_the_burst() -> None:
    found, everything = [1] * 20 + [9, 0, 9] + [1] * 20, [20] * 21 + [0] + [20] * 21
    assert bursting(found, everything) == [20, 21, 22]


def test_nothing_found_or_nothing_else_has_no_bursts() -> None:
    assert bursting([0, 0], [5, 5]) == bursting([5, 5], [5, 5]) == bursting([], []) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_every_burst_explains_its_days_better(days: list[tuple[int, int]]) -> None:
    weights = kleinberg_weights([k for k, _ in days], [k + rest for k, rest in days])
    total, run = 0.0, []
    for weight in [*weights, None]:
        if weight is None:
            assert not run or total > 0
            total, run = 0.0, []
        else:
            total += weight
            run.append(weight)
