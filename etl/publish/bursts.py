"""Bursts of a series: days on which a thing is far more frequent than usual.

Kleinberg, Bursty and hierarchical structure in streams (2002), section 4: an automaton of two states that emit `found`
of `everything` a day, at the usual rate and at twice that; going up costs, and the cheapest way through the days is
sought.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

RATIO = 2.0  # the rate of a burst, in usual ones
GAMMA = 1.0  # what going up costs, in logarithms of the number of days
_HIGHEST = 0.9999


def kleinberg_weights(found: Sequence[int], everything: Sequence[int]) -> list[float | None]:
    """For each day of a burst, by how much the burst explains it better than the usual rate; null for all others.

    A day of which nothing is known (0 of 0) speaks for neither state.
    """
    total, number = sum(everything), len(everything)
    if not 0 < sum(found) < total:
        return [None] * number
    usual = sum(found) / total
    rates = (usual, min(RATIO * usual, _HIGHEST))
    costs = [tuple(_cost(r, d, rate) for rate in rates) for r, d in zip(found, everything, strict=True)]
    states = _cheapest(costs, GAMMA * math.log(number))
    return [low - high if state else None for state, (low, high) in zip(states, costs, strict=True)]


def _cost(found: int, everything: int, rate: float) -> float:
    """Minus the log likelihood, without the binomial coefficient, which is the same in both states."""
    return -(found * math.log(rate) + (everything - found) * math.log1p(-rate))


def _cheapest(costs: Sequence[tuple[float, ...]], up: float) -> list[int]:
    """The states of the cheapest way (Viterbi); it begins in the usual one."""
    so_far, ways = (0.0, math.inf), []
    for low, high in costs:
        to_low = min((so_far[0], 0), (so_far[1], 1))
        to_high = min((so_far[0] + up, 0), (so_far[1], 1))
        so_far = (to_low[0] + low, to_high[0] + high)
        ways.append((to_low[1], to_high[1]))
    state, states = int(so_far[1] < so_far[0]), []
    for way in reversed(ways):
        states.append(state)
        state = way[state]
    return states[::-1]
