"""Which faults are set, and who asks for them: each connection by its filter, the handshake, REST."""

from __future__ import annotations

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.calls import Reply, reply_to
from krakencli.sandbox.faults.fault import Fault, UnfitFaultError
from krakencli.sandbox.faults.filter import FaultFilter
from krakencli.sandbox.faults.gate import refused_status
from krakencli.sandbox.faults.kinds import KINDS, WATCHED
from krakencli.sandbox.faults.task import SetFault
from krakencli.sandbox.faults.v1_speech import V1Speech
from krakencli.sandbox.faults.v2_speech import V2Speech
from krakencli.sandbox.rest import Call
from krakencli.sandbox.topic import Api


class FaultDesk:
    """All faults of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        """Sets the faults of the exchange's settings. Raises UnfitFaultError for one that cannot be."""
        self._exchange = exchange
        self.faults: list[SetFault] = []
        for fault in exchange.settings.faults:
            self.set(fault)

    def set(self, fault: Fault) -> SetFault:
        """Lets a fault happen from now on. Raises UnfitFaultError, with the reason, if it cannot."""
        fault.check()
        terms = KINDS.get(fault.name)
        if terms is None:
            raise UnfitFaultError(f"unknown fault {fault.name}; there are {', '.join(KINDS)}")
        fault = terms.complete(fault)
        if fault.symbol is not None and fault.symbol not in self._exchange.listing.pairs:
            raise UnfitFaultError(f"the sandbox does not list {fault.symbol}")
        kind = WATCHED.get(fault.name)
        state = kind.state(fault) if kind and kind.state else None
        task = SetFault(len(self.faults) + 1, fault, terms, state, self._exchange.log)
        self.faults.append(task)
        if state is not None and fault.symbol is not None and fault.on == "snapshot":
            self._exchange.shorten(fault.symbol, state)
        return task

    def filter(self, connection: int, api: Api = "v2") -> FaultFilter:
        """The filter for the connection of this number, which speaks `api`."""
        speech = V1Speech(self._exchange.listing) if api == "v1" else V2Speech()
        return FaultFilter(self._exchange, self.faults, connection, speech)

    def refused_status(self, path: str, remote: str | None) -> int | None:
        """The HTTP status with which a handshake at `path` is refused, if it is."""
        return refused_status(self.faults, path, remote)

    def reply_to(self, call: Call) -> Reply:
        """The answer to a call of REST."""
        return reply_to(self.faults, self._exchange, call)
