"""The faults of subscribing, as a table: what goes wrong between a request and the data that should follow.

A subscription is one of one channel and one symbol; a fault that names neither concerns the next that comes.
`at` counts acknowledgements (or requests, or frames of the topic) on one connection.
"""

from __future__ import annotations

import json

from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Post, Watch, WatchedKind

_CHANNELS = ("trade", "ticker", "book", "ohlc", "spread", "level3")


class LoseAcknowledgement(Watch):
    """The acknowledgement of a subscribe does not come; the subscription stands."""

    def take(self, text: str) -> list[str]:
        """Nothing, in the place of one that is lost."""
        if not (self.post.left and self.concerns(text) and self.post.suits()):
            return [text]
        self.post.delivered(text, [])
        return []

    def concerns(self, text: str) -> bool:
        """Whether a frame is one that the fault may touch."""
        return acknowledges(text, self.post)


class DelayAcknowledgement(Watch):
    """It comes later than it was said, by `seconds` at least; the data do not wait for it."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._said: list[str] = []
        self._due: list[tuple[float, str]] = []

    @property
    def is_over(self) -> bool:
        """Not while it holds one back."""
        return super().is_over and not (self._said or self._due)

    def take(self, text: str) -> list[str]:
        """Holds back one that is to be late."""
        if not (self.post.left and self.concerns(text) and self.post.suits()):
            return [text]
        self.post.task.spend()
        self._said.append(text)
        return []

    def concerns(self, text: str) -> bool:
        """Whether a frame is one that the fault may touch."""
        return acknowledges(text, self.post)

    def tick(self, now: float) -> list[str]:
        """Those whose time has come; it began with the first tick after they were said."""
        self._due += [(now + (self.post.seconds or 0), text) for text in self._said]
        self._said.clear()
        sent = [text for when, text in self._due if when <= now]
        self._due = [one for one in self._due if one[0] > now]
        for text in sent:
            self.post.task.tell(connection=self.post.connection, frame=text, sent=[text])
        return sent


class Mute(Watch):
    """Nothing comes of a subscription from its frame `at` on until it ends. It is acknowledged all the
    same, and `times` counts such subscriptions.
    """

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._is_on = False

    @property
    def is_over(self) -> bool:
        """Not while a subscription is mute."""
        return super().is_over and not self._is_on

    def take(self, text: str) -> list[str]:
        """Nothing, while it lasts."""
        if self._is_on:
            return []
        if not self.post.suits():
            return [text]
        self._is_on = True
        self.post.delivered(text, [])
        return []

    def release(self) -> list[str]:
        """The next subscription is another one."""
        self._is_on, self.post.suited = False, 0
        return []


class LateSnapshot(Watch):
    """A book's snapshot comes late, and with it what follows: nothing of a subscription overtakes it."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._held: list[str] = []
        self._until: float | None = None

    @property
    def is_over(self) -> bool:
        """Not while it holds some back."""
        return super().is_over and not self._held

    def take(self, text: str) -> list[str]:
        """Nothing, while it lasts."""
        is_first = not self._held and not self.post.speech.is_update(text) and self.post.suits()
        if is_first:
            self.post.task.spend()
        if is_first or self._held:
            self._held.append(text)
            return []
        return [text]

    def tick(self, now: float) -> list[str]:
        """All of it, when it is due; its time began with the first tick."""
        if not self._held:
            return []
        if self._until is None:
            self._until = now + (self.post.seconds or 0)
        return [] if now < self._until else self.release()

    def release(self) -> list[str]:
        """All of it."""
        held, self._held, self._until = self._held, [], None
        if held:
            self.post.task.tell(connection=self.post.connection, frame=held[0], sent=held)
        return held


class Dismiss(Watch):
    """The exchange ends a subscription unasked, with an acknowledgement, after its frame `at`."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._frame: str | None = None

    @property
    def is_over(self) -> bool:
        """Not before it has ended."""
        return super().is_over and self._frame is None

    def take(self, text: str) -> list[str]:
        """The frame."""
        if self._frame is None and self.post.suits():
            self.post.task.spend()
            self._frame = text
        return [text]

    def dismisses(self) -> bool:
        """Once."""
        frame, self._frame = self._frame, None
        if frame is not None:
            self.post.suited = 0
            self.post.task.tell(connection=self.post.connection, frame=frame, sent=[frame])
        return frame is not None


class Refuse(Watch):
    """A subscribe of the symbol is refused as if it were not listed."""

    def refuses(self, channel: str, symbol: str) -> bool:
        """Whether it is this one's turn."""
        if not (self.post.left and self.post.is_about(channel, symbol) and self.post.suits()):
            return False
        self.post.task.delivered(connection=self.post.connection, refused=channel)
        return True


class ExceedRate(Watch):
    """A subscribe is answered by the refusal of its pace, and nothing else comes of it."""

    def hear(self, text: str | None) -> list[str] | None:
        """The refusal, in the form that is wanted (protocol notes, limits §2)."""
        request = _subscribe(text)
        if request is None or not self.post.suits():
            return None
        answer = json.dumps(_refusal(self.post.fault.form, request), separators=(",", ":"))
        self.post.delivered(text, [answer])
        return [answer]


def acknowledges(text: str, post: Post) -> bool:
    """Whether a frame acknowledges a subscription that concerns the fault."""
    about = post.speech.acknowledged(text)
    return about is not None and post.is_about(*about)


def _subscribe(text: str | None) -> dict[str, object] | None:
    """The subscribe request of either protocol that a text is."""
    try:
        request = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(request, dict) and "subscribe" in {request.get("method"), request.get("event")}
    return request if is_one else None


def _refusal(form: int, request: dict[str, object]) -> dict[str, object]:
    words = "Exceeded msg rate"
    number = request.get("req_id", request.get("reqid"))
    echoed = {} if number is None else {"reqid": number}
    forms: tuple[dict[str, object], ...] = (
        {"errorMessage": words, "event": "error", **echoed},
        {"errorMessage": words, "event": "subscriptionStatus", "status": "error"},
        {"Error": words},
    )
    return forms[form - 1]


_ONE = ("at", "connection", "symbol", "channel")

KINDS: dict[str, WatchedKind] = {
    "lose_ack": WatchedKind(Terms(takes=_ONE), LoseAcknowledgement),
    "delay_ack": WatchedKind(Terms(takes=_ONE, usual={"seconds": 1.0}), DelayAcknowledgement),
    "no_delivery": WatchedKind(
        Terms(("symbol", "channel"), ("at", "connection"), {"channel": _CHANNELS}), Mute, of_topic=True
    ),
    "late_snapshot": WatchedKind(
        Terms(("symbol",), ("at", "connection"), {"channel": ("book", "level3")}, usual={"seconds": 1.0}),
        LateSnapshot,
        of_topic=True,
    ),
    "end_subscription": WatchedKind(
        Terms(("symbol", "channel"), ("at", "connection"), {"channel": _CHANNELS}), Dismiss, of_topic=True
    ),
    "refuse_symbol": WatchedKind(Terms(("symbol",), ("at", "connection", "channel")), Refuse),
    "exceed_rate": WatchedKind(Terms(takes=("at", "connection"), choices={"form": (1, 2, 3)}), ExceedRate),
}
