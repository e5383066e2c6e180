"""How fast requests may go out: the exchange refuses clients that send too many messages (protocol notes,
limits §2), and counts what level3's snapshots cost it (v2 §8). Sans I/O; `now` is monotonic seconds.
"""

from collections.abc import Sequence

from krakencli.model import Subscription

BURST = 10
PAUSE = 0.2
SLOW_DOWN = (2.0, 30.0)

SNAPSHOT_COST = {10: 5, 100: 25, 1000: 100}
"""What one symbol of level3 costs, by its depth."""
COST_A_REQUEST = 100
COST_A_SECOND = 125.0
"""Well below the standard account's 200, which other programs of the same account may need too."""


def cost(subscriptions: Sequence[Subscription]) -> int:
    """What the snapshots of a subscribe request cost; nothing but level3's are counted."""
    return sum(_cost(one) for one in subscriptions)


def fits(subscription: Subscription) -> int:
    """How many like this one request may ask for, as far as their snapshots' cost is concerned."""
    each = _cost(subscription)
    return max(1, COST_A_REQUEST // each) if each else 1 << 30


def _cost(subscription: Subscription) -> int:
    if subscription.wire != "level3":
        return 0
    return SNAPSHOT_COST.get(int(dict(subscription.params).get("depth", 10)), max(SNAPSHOT_COST.values()))


class Pace:
    """One connection's allowance: a burst, then a message every PAUSE seconds, and none during a pause."""

    def __init__(self, now: float, unit: float) -> None:
        self._unit = unit
        self._allowance, self._refilled_at = float(BURST), now
        self._resume_at, self._pause = now, SLOW_DOWN[0]
        self._snapshots_at = now

    def refill(self, now: float) -> None:
        gained = (now - self._refilled_at) / (PAUSE * self._unit)
        self._allowance, self._refilled_at = min(float(BURST), self._allowance + gained), now

    def take(self, now: float, cost: int) -> bool:
        """Whether a message may go out now; if so it is counted."""
        if self._allowance < 1 or (cost and now < self._snapshots_at):
            return False
        self._allowance -= 1
        if cost:
            self._snapshots_at = now + cost / COST_A_SECOND * self._unit
        return True

    def slow_down(self, now: float) -> None:
        """The exchange complained: nothing for a while, longer each time."""
        if now >= self._resume_at:
            self._resume_at = now + self._pause * self._unit
            self._allowance, self._refilled_at = 1.0, self._resume_at  # less than one until then
            self._pause = min(2 * self._pause, SLOW_DOWN[1])
