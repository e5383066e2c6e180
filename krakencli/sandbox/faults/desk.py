"""Which faults are set, and the filter through which each connection's frames go (see `wire.Outgoing`)."""

from __future__ import annotations

from dataclasses import replace

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.books import KINDS
from krakencli.sandbox.faults.fault import Fault, UnfitFaultError
from krakencli.sandbox.faults.frame import BookFrame
from krakencli.sandbox.faults.watches import Watch
from krakencli.sandbox.log import Log
from krakencli.sandbox.shortage import Shortage


class SetFault:
    """A fault that is set, and what has come of it so far. `number` counts from 1."""

    def __init__(self, number: int, fault: Fault, state: Shortage | None, log: Log) -> None:
        self.number = number
        self.fault = fault
        self.state = state
        self.left = fault.times
        self._log = log

    def delivered(self, connection: int, frame: str, sent: list[str]) -> None:
        """Counts it and writes it to the log."""
        self.left -= 1
        self._log.write(
            "fault",
            fault=self.number,
            name=self.fault.name,
            symbol=self.fault.symbol,
            channel=self.fault.channel,
            connection=connection,
            frame=frame,
            sent=sent,
        )


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
        kind = KINDS.get(fault.name)
        if kind is None:
            raise UnfitFaultError(f"unknown fault {fault.name}; there are {', '.join(KINDS)}")
        if fault.symbol not in self._exchange.listing.pairs:
            raise UnfitFaultError(f"the sandbox does not list {fault.symbol}")
        fault = replace(fault, on=fault.on or kind.on[0])
        if fault.on not in kind.on:
            raise UnfitFaultError(f"{fault.name} touches {' or '.join(kind.on)}, not {fault.on}")
        state = kind.state(fault) if kind.state else None
        posted = SetFault(len(self.faults) + 1, fault, state, self._exchange.log)
        self.faults.append(posted)
        if state is not None and fault.on == "snapshot":
            self._exchange.shorten(fault.symbol, state)
        return posted

    def filter(self, connection: int) -> FaultFilter:
        """The filter for the connection of this number."""
        return FaultFilter(self._exchange, self, connection)


class FaultFilter:
    """Passes one connection's frames by the watches of the faults that concern them."""

    def __init__(self, exchange: Exchange, desk: FaultDesk, connection: int) -> None:
        self._exchange = exchange
        self._desk = desk
        self._connection = connection
        self._known = 0
        self._watches: dict[tuple[str, str], list[Watch]] = {}

    def __call__(self, text: str) -> list[str]:
        """What goes out in the place of a frame."""
        self._meet_new_faults()
        if not self._watches:
            return [text]
        if text.startswith('{"method":"unsubscribe"'):
            return [*self._release(text), text]
        frame = BookFrame.read(text)
        watches = self._watches.get((frame.channel, frame.symbol), []) if frame else []
        frames = [text]
        for watch in watches:
            frames = [sent for one in map(BookFrame.read, frames) if one for sent in watch.take(one)]
        return frames

    def _meet_new_faults(self) -> None:
        for posted in self._desk.faults[self._known :]:
            self._known += 1
            fault = posted.fault
            if fault.connection in {None, self._connection}:
                market = self._exchange.market(fault.symbol)
                watch = KINDS[fault.name].watch(posted, market, self._connection)
                self._watches.setdefault((fault.channel, fault.symbol), []).append(watch)

    def _release(self, text: str) -> list[str]:
        """What the watches of an ended subscription hold back goes out before its acknowledgement."""
        return [
            frame
            for (channel, symbol), watches in self._watches.items()
            if f'"channel":"{channel}"' in text and f'"symbol":"{symbol}"' in text
            for watch in watches
            for frame in watch.release()
        ]
