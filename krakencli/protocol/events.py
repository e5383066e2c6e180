"""What a session tells of its conversation, beside the messages themselves. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from krakencli.model import Subscription
from krakencli.protocol.messages import Garbage, Update


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The exchange granted a subscription; `warnings` are its words about deprecated fields.

    `renewed` says that it had been left before, so that its data begins anew, and is not to be left again.
    `acknowledged` are the parameters as the exchange granted them, `after` the seconds since the request.
    """

    subscription: Subscription
    warnings: tuple[str, ...] = ()
    renewed: bool = False
    acknowledged: Mapping[str, Any] = field(default_factory=dict, compare=False)
    after: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The exchange refused a subscription, in its own words, or `ended` one that it had granted."""

    subscription: Subscription
    reason: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error that belongs to no subscription."""

    reason: str


Event = Update | Subscribed | Rejected | Complaint | Garbage
