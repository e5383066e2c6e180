"""A fault that is set, and what has come of it so far."""

from __future__ import annotations

from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.log import Log
from krakencli.sandbox.shortage import Shortage


class SetFault:
    """Shared by all who carry it out. `number` counts from 1, `left` is how often it has still to act, and
    `state` the state of a market that it means, if it means one.
    """

    def __init__(self, number: int, fault: Fault, terms: Terms, state: Shortage | None, log: Log) -> None:
        self.number = number
        self.fault = fault
        self.state = state
        self.left = fault.times
        self._terms = terms
        self._log = log
        self._suited = 0

    def suits(self) -> bool:
        """Counts one more thing that suits it; says whether its turn has come."""
        self._suited += 1
        return self._suited >= self.fault.at

    def spend(self, count: int = 1) -> None:
        """It acts so many times."""
        self.left -= count

    def tell(self, **what: object) -> None:
        """Writes to the log what it has done."""
        topic = {name: getattr(self.fault, name) for name in ("symbol", "channel")}
        known = {name: value for name, value in topic.items() if value is not None}
        self._log.write("fault", fault=self.number, name=self.fault.name, **known, **what)

    def delivered(self, **what: object) -> None:
        """It has acted once."""
        self.spend()
        self.tell(**what)

    def describe(self) -> dict[str, object]:
        """Its number and its fields."""
        return {"fault": self.number, **self._terms.describe(self.fault)}
