"""How many level3 subscriptions one connection may have, and how fast (protocol notes v2 §8 and §13).

The notes do not say whose counter it is; here each connection has its own, over the last second.
"""

from __future__ import annotations

from collections import deque

from krakencli.sandbox.refused import RefusedError

SYMBOLS = 200
BUDGET = 200
COST = {10: 5, 100: 25, 1000: 100}


class Level3Quota:
    """The counter of one connection; `second` scales its second."""

    def __init__(self, second: float) -> None:
        self._second = second
        self._spent: deque[tuple[float, int]] = deque()

    def spend(self, symbol: str, depth: int, subscribed: int, now: float) -> None:
        """Books one more subscription beside the `subscribed` ones. Raises RefusedError beyond the limits.

        For too many symbols no words are recorded: they follow the pattern of the other refusal.
        """
        while self._spent and self._spent[0][0] <= now - self._second:
            self._spent.popleft()
        if subscribed >= SYMBOLS:
            raise _refused(
                f"Limit of {SYMBOLS} symbols exceeded, when trying to subscribe to {symbol} level3"
            )
        if sum(cost for _, cost in self._spent) + COST[depth] > BUDGET:
            raise _refused(
                "Rate limit for snapshot requests exceeded, "
                f"when trying to subscribe to {symbol} level3 snapshot"
            )
        self._spent.append((now, COST[depth]))


def _refused(error: str) -> RefusedError:
    return RefusedError(error, channel="level3", status="error")
