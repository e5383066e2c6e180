"""One client's conversation in v1, as far as it goes: the greeting, ping, and a refusal of everything else.

Shapes: protocol notes, v1 §3, §9 and §10. The channels of v1 are still to come.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.pulse import Pulse


class V1Session:
    """A conversation that knows no channel yet."""

    def __init__(self, exchange: Exchange, send: Callable[[str], None]) -> None:
        self._send = send
        self._engine = exchange.engine
        self._engine_state = exchange.engine.state
        self._connection_id = exchange.connection_id()
        self._pulse = Pulse(exchange.settings.heartbeat, exchange.settings.second)

    def greet(self) -> None:
        """The systemStatus event."""
        status = self._engine_state = self._engine.state
        self._answer(connectionID=self._connection_id, event="systemStatus", status=status, version="1.9.1")

    def receive(self, text: str | None, now: float) -> None:
        """Answers a ping; refuses the rest."""
        self._pulse.received(now)
        try:
            request = json.loads(text) if text is not None else None
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            self._answer(errorMessage="Malformed request", event="error")
            return
        echoed = {"reqid": request["reqid"]} if type(request.get("reqid")) is int else {}
        if request.get("event") == "ping":
            self._answer(event="pong", **echoed)
        else:
            refusal = "Event(s) not found"
            self._answer(errorMessage=refusal, event="subscriptionStatus", status="error", **echoed)

    def work(self) -> bool:
        """Nothing is ever postponed."""
        return False

    def tick(self, now: float) -> int | None:
        """Tells a changed engine state; closes after a minute of silence, since there is no subscription
        that could keep it open.
        """
        if self._engine_state != self._engine.state:
            self.greet()
        return 1000 if self._pulse.is_idle(now) else None

    def end(self) -> None:
        """Nothing to leave."""

    def _answer(self, **fields: object) -> None:
        self._send(json.dumps(fields, sort_keys=True, separators=(",", ":")))
