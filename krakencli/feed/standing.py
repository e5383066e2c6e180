"""How each subscription stands: asked, granted, delivering, refused. Values, made when somebody asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from krakencli.feed.connection import Connection
from krakencli.model import Subscription
from krakencli.protocol.session import Phase, Session

Stand = Literal["connecting", "reconnecting", "asked", "waiting", "live", "renewing", "stalled", "refused"]
"""waiting: granted, and its snapshot has not come. renewing: left, to be subscribed to again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One subscription. `acknowledged` is what the exchange granted and `after` the seconds that it took,
    None before; `clock_error` is this machine's clock minus the exchange's in seconds, as exact as
    `clock_uncertainty`, None where nobody knows; `reason` is why it was refused.
    """

    subscription: Subscription
    connection: int
    stand: Stand
    acknowledged: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    after: float | None = None
    clock_error: float | None = None
    clock_uncertainty: float | None = None
    reason: str = ""


def standings(connection: Connection, wall: float, now: float) -> Iterator[Standing]:
    """Those of a connection, the refused ones last; `wall` is Unix time, `now` monotonic seconds."""
    session = None if connection.conversation is None else connection.conversation.session
    error, uncertainty = _clock(session, wall, now)
    wanted = connection.wanted
    for one in dict.fromkeys((*wanted.all, *wanted.refusals)):
        grant = wanted.grants.get(one)
        yield Standing(
            one,
            connection.number,
            _stand(one, connection, session),
            acknowledged={} if grant is None else grant.acknowledged,
            warnings=() if grant is None else grant.warnings,
            after=None if grant is None else grant.after,
            clock_error=error,
            clock_uncertainty=uncertainty,
            reason=wanted.refusals.get(one, ""),
        )


_STANDS: dict[Phase, Stand] = {
    Phase.ASKED: "asked",
    Phase.ACTIVE: "live",
    Phase.LEAVING: "renewing",
    Phase.REFUSED: "refused",
}


def _stand(one: Subscription, connection: Connection, session: Session | None) -> Stand:
    if one not in connection.wanted.all:
        return "refused"
    if session is None:
        return "reconnecting" if connection.state == "reconnecting" else "connecting"
    stand = _STANDS[session.phases.get(one, Phase.ASKED)]
    if stand == "live" and connection.stalls.tried(one):
        return "stalled"
    return "waiting" if stand == "live" and session.owes(one) else stand


def _clock(session: Session | None, wall: float, now: float) -> tuple[float | None, float | None]:
    if session is None or session.server_time.ahead is None:
        return None, None
    return wall - (now + session.server_time.ahead), session.server_time.uncertainty
