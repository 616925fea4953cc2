"""Bursts of a series: days on which something is far more frequent than usual.

The two-state model in Kleinberg's paper "Bursty and Hierarchical Structure in Streams" (2002), section 4. On each day
`matching` of `total` items match, at the usual rate in the normal state and at twice that rate in the burst state.
Changing to the burst state has a cost; the sequence of states with the lowest total cost is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

RATIO = 2.0  # the rate in a burst, as a multiple of the usual rate
GAMMA = 1.0  # the cost of changing to the burst state is GAMMA * ln(number of days)
_MAX_RATE = 0.9999


def kleinberg_weights(matching: Sequence[int], total: Sequence[int]) -> list[float | None]:
    """Return for each day in a burst how much better the burst rate explains it than the usual rate; null for others.

    The weight is the difference of the two costs (log likelihoods). A day without data (0 of 0) favours neither state.
    """
    n_total, n_days = sum(total), len(total)
    if not 0 < sum(matching) < n_total:
        return [None] * n_days
    usual_rate = sum(matching) / n_total
    rates = (usual_rate, min(RATIO * usual_rate, _MAX_RATE))
    costs = [tuple(_cost(k, n, rate) for rate in rates) for k, n in zip(matching, total, strict=True)]
    states = _cheapest_states(costs, GAMMA * math.log(n_days))
    return [usual - burst if state else None for state, (usual, burst) in zip(states, costs, strict=True)]


def _cost(matching: int, total: int, rate: float) -> float:
    """Return minus the log likelihood, without the binomial coefficient, which is the same in both states."""
    return -(matching * math.log(rate) + (total - matching) * math.log1p(-rate))


def _cheapest_states(costs: Sequence[tuple[float, ...]], change_cost: float) -> list[int]:
    """Return the sequence of states with the lowest cost (Viterbi): 0 is the usual state, 1 a burst.

    `costs` are the costs of a day in both states. Before the first day the state is the usual one.
    """
    lowest, origins = (0.0, math.inf), []  # lowest cost of a sequence that ends in each state
    for usual, burst in costs:
        to_usual = min((lowest[0], 0), (lowest[1], 1))
        to_burst = min((lowest[0] + change_cost, 0), (lowest[1], 1))
        lowest = (to_usual[0] + usual, to_burst[0] + burst)
        origins.append((to_usual[1], to_burst[1]))
    state, states = int(lowest[1] < lowest[0]), []
    for origin in reversed(origins):
        states.append(state)
        state = origin[state]
    return states[::-1]
