"""Bursts by Kleinberg's two-state model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from etl.publish.bursts import kleinberg_weights


def burst_days(matching: list[int], total: list[int]) -> list[int]:
    """The numbers of the days that are in a burst."""
    return [day for day, weight in enumerate(kleinberg_weights(matching, total)) if weight is not None]


def test_days_with_much_more_than_the_usual_share_are_a_burst() -> None:
    assert burst_days([1] * 20 + [9, 8, 9] + [1] * 20, [20] * 43) == [20, 21, 22]


def test_a_day_with_more_items_of_every_kind_is_not_a_burst() -> None:
    assert burst_days([1] * 20 + [10] + [1] * 20, [20] * 20 + [200] + [20] * 20) == []


def test_one_more_matching_item_than_usual_is_not_a_burst() -> None:
    assert burst_days([1] * 20 + [2] + [1] * 20, [20] * 41) == []


def test_a_day_without_data_between_days_of_a_burst_belongs_to_the_burst() -> None:
    matching, total = [1] * 20 + [9, 0, 9] + [1] * 20, [20] * 21 + [0] + [20] * 21
    assert burst_days(matching, total) == [20, 21, 22]


def test_there_is_no_burst_if_nothing_or_everything_matches() -> None:
    assert burst_days([0, 0], [5, 5]) == burst_days([5, 5], [5, 5]) == burst_days([], []) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_the_weights_of_every_burst_sum_to_more_than_zero(days: list[tuple[int, int]]) -> None:
    weights = kleinberg_weights([k for k, _ in days], [k + others for k, others in days])
    total_weight, burst = 0.0, []
    for weight in [*weights, None]:
        if weight is None:
            assert not burst or total_weight > 0
            total_weight, burst = 0.0, []
        else:
            total_weight += weight
            burst.append(weight)
