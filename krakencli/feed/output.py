"""What a feed gives, and what it needs to make a connection."""

from collections.abc import Callable
from dataclasses import dataclass

from krakencli.model import Host, News
from krakencli.protocol.messages import Update
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A frame as it came, for `--format raw`; `is_data` says whether it holds records of a channel."""

    frame: bytes
    is_data: bool


Output = Update | News | RawFrame
Connect = Callable[[Host, Inbox[Arrival]], Link]
"""Makes a link to one of the exchange's hosts that reports to the inbox."""
