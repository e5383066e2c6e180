"""What stands between one connection and the exchange: the watches of the faults that concern it.

A frame passes those of its own topic first and then those of the whole connection, each in the order in which
their faults were set (see `wire.Outgoing`).
"""

from __future__ import annotations

from collections.abc import Sequence

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.kinds import WATCHED
from krakencli.sandbox.faults.speech import About, Speech
from krakencli.sandbox.faults.task import SetFault
from krakencli.sandbox.faults.watch import Ending, Post, Watch


class FaultFilter:
    """The faults as one connection meets them; `faults` grows while it lives."""

    def __init__(
        self, exchange: Exchange, faults: Sequence[SetFault], connection: int, speech: Speech
    ) -> None:
        self._exchange = exchange
        self._speech = speech
        self._faults = faults
        self._connection = connection
        self._known = 0
        self._topics: dict[About, list[Watch]] = {}
        self._line: list[Watch] = []

    def __call__(self, text: str) -> list[str]:
        """What goes out in the place of a frame."""
        self._meet_new_faults()
        frames = self._by_topic(text) if self._topics else [text]
        for watch in self._line:
            frames = [sent for one in frames for sent in watch.take(one)]
        return frames

    def hear(self, text: str | None) -> list[str] | None:
        """The frames that answer a request in the exchange's stead; None leaves it to the exchange."""
        self._meet_new_faults()
        for watch in self._line:
            answers = watch.hear(text)
            if answers is not None:
                return answers
        return None

    def refuses(self, channel: str, symbol: str) -> bool:
        """Whether a subscription is to be refused."""
        return any(watch.refuses(channel, symbol) for watch in self._line)

    def tick(self, now: float) -> list[str]:
        """What goes out because time has passed."""
        self._meet_new_faults()
        return [frame for watch in self._watches() for frame in watch.tick(now)]

    def dismissed(self) -> list[About]:
        """The subscriptions that the exchange is to end unasked."""
        return [
            about for about, watches in self._topics.items() if any(watch.dismisses() for watch in watches)
        ]

    @property
    def ending(self) -> Ending | None:
        """How the connection is to end, once it is."""
        return next((watch.ending for watch in self._line if watch.ending), None)

    @property
    def is_deaf(self) -> bool:
        """Whether not even a WebSocket ping is answered."""
        return any(watch.is_deaf for watch in self._line)

    def _watches(self) -> list[Watch]:
        return [*self._line, *(watch for some in self._topics.values() for watch in some)]

    def _meet_new_faults(self) -> None:
        if self._known == len(self._faults):
            return
        self._forget_the_spent()
        for task in self._faults[self._known :]:
            self._known += 1
            kind, fault = WATCHED.get(task.fault.name), task.fault
            if kind is None or not task.left or fault.connection not in {None, self._connection}:
                continue
            watch = kind.watch(Post(task, self._exchange, self._connection, self._speech))
            if kind.of_topic:
                self._topics.setdefault((fault.channel or "", fault.symbol or ""), []).append(watch)
            else:
                self._line.append(watch)

    def _forget_the_spent(self) -> None:
        self._line = [watch for watch in self._line if not watch.is_over]
        lasting = {key: [one for one in some if not one.is_over] for key, some in self._topics.items()}
        self._topics = {key: some for key, some in lasting.items() if some}

    def _by_topic(self, text: str) -> list[str]:
        ended = self._speech.ended(text)
        if ended is not None:
            return [*self._release(*ended), text]
        about = self._speech.topic(text)
        frames = [text]
        for watch in self._topics.get(about, []) if about else []:
            frames = [sent for one in frames for sent in watch.take(one)]
        return frames

    def _release(self, channel: str, symbol: str) -> list[str]:
        """What the watches of an ended subscription hold back goes out before its acknowledgement."""
        watches = [*self._topics.get((channel, symbol), []), *self._topics.get((channel, ""), [])]
        return [frame for watch in dict.fromkeys(watches) for frame in watch.release()]
