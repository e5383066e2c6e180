"""The faults of the private host, as a table: tokens that end, answers that are lost or late, reports that
do not come.

The exchange itself goes on as if nothing had happened: an order whose answer is lost has been placed, a
report that is lost still counts in its channel's `sequence`, and REST has it. `at` counts what suits the kind
on one connection: requests with a token, answers to trading requests, updates of a channel.
"""

from __future__ import annotations

import json
import re
from typing import Any

from krakencli.sandbox import times
from krakencli.sandbox.faults.subscriptions import DelayAcknowledgement, LoseAcknowledgement, Mute
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Ending, Post, Watch, WatchedKind

_ANSWER = re.compile(r'\{(?:"channel":"\w+",)?(?:"error":"[^"]*",)?"method":"(\w+)"')
_NOT_TRADING = ("subscribe", "unsubscribe", "pong", "error")
_CHANNELS = ("executions", "balances")


class ExpireToken(Watch):
    """The token of a request is good no longer, wherever it is used, before the exchange looks at it."""

    def hear(self, text: str | None) -> list[str] | None:
        """Leaves the refusal to the exchange."""
        request = _with_token(text, self.post)
        if request is not None and self.post.suits():
            self.post.exchange.desk.revoke(request["params"]["token"])
            self.post.delivered(text, [])
        return None


class InvalidSession(Watch):
    """A request is refused although its token is good, and stays so."""

    def hear(self, text: str | None) -> list[str] | None:
        """The refusal, as the private back end words it."""
        request = _with_token(text, self.post)
        if request is None or not self.post.suits():
            return None
        now = times.micro(self.post.exchange.now())
        answer: dict[str, object] = {
            "error": "ESession:Invalid session",
            "method": request["method"],
            "success": False,
            "time_in": now,
            "time_out": now,
        }
        if request["params"].get("channel") in _CHANNELS:
            answer |= {"channel": request["params"]["channel"], "status": "error"}
        if type(request.get("req_id")) is int:
            answer["req_id"] = request["req_id"]
        sent = [json.dumps(answer, sort_keys=True, separators=(",", ":"))]
        self.post.delivered(text, sent)
        return sent


class LoseAnswer(LoseAcknowledgement):
    """A trading request is carried out; its answer does not come."""

    def concerns(self, text: str) -> bool:
        """Whether a frame is such an answer."""
        return _answers(text, self.post)


class DelayAnswer(DelayAcknowledgement):
    """The answer comes late; what `executions` tells does not wait for it."""

    def concerns(self, text: str) -> bool:
        """Whether a frame is such an answer."""
        return _answers(text, self.post)


class CutAnswer(Watch):
    """A trading request is carried out; in the place of its answer the connection is cut."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._has_acted = False

    @property
    def is_over(self) -> bool:
        """Not once it has acted: the line stays dead."""
        return super().is_over and not self._has_acted

    @property
    def ending(self) -> Ending | None:
        """Without a word."""
        return Ending(None) if self._has_acted else None

    def take(self, text: str) -> list[str]:
        """Nothing goes out any more."""
        if not self._has_acted and self.post.left and _answers(text, self.post) and self.post.suits():
            self._has_acted = True
            self.post.delivered(text, [])
        return [] if self._has_acted else [text]


class LoseReports(Watch):
    """Updates of a private channel do not come; `sequence` shows that they were sent."""

    def take(self, text: str) -> list[str]:
        """Nothing, in the place of one that is lost."""
        if not self.post.speech.is_update(text) or not self.post.suits():
            return [text]
        self.post.delivered(text, [])
        return []


def _with_token(text: str | None, post: Post) -> dict[str, Any] | None:
    """The request of the private host that a text is, if the fault concerns it."""
    try:
        request = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    if (
        not post.left
        or not isinstance(request, dict)
        or post.fault.method not in {None, request.get("method")}
    ):
        return None
    params = request.get("params")
    has_token = isinstance(params, dict) and isinstance(params.get("token"), str)
    return request if has_token else None


def _answers(text: str, post: Post) -> bool:
    """Whether a frame answers a trading request that the fault concerns."""
    match = _ANSWER.match(text)
    if match is None or match[1] in _NOT_TRADING:
        return False
    return post.fault.method in {None, match[1]}


_TAKES = ("at", "connection", "method")
_OF_CHANNEL = Terms(takes=("at", "connection"), choices={"channel": _CHANNELS})

KINDS: dict[str, WatchedKind] = {
    "expire_token": WatchedKind(Terms(takes=_TAKES), ExpireToken),
    "invalid_session": WatchedKind(Terms(takes=_TAKES), InvalidSession),
    "lose_answer": WatchedKind(Terms(takes=_TAKES), LoseAnswer),
    "delay_answer": WatchedKind(Terms(takes=_TAKES, usual={"seconds": 1.0}), DelayAnswer),
    "cut_answer": WatchedKind(Terms(takes=_TAKES), CutAnswer),
    "lose_reports": WatchedKind(_OF_CHANNEL, LoseReports, of_topic=True),
    "no_reports": WatchedKind(_OF_CHANNEL, Mute, of_topic=True),
}
