"""What a sandbox is started with, and where it can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

from krakencli.sandbox.faults.fault import Fault

DEMO_KEY = "SANDBOX/DEMO/KEY/opens+nothing+anywhere+AAAAAAAAAAAAAAAA"
# 64 bytes that say what they are, in base64 as the exchange's private keys are.
DEMO_SECRET = "c2FuZGJveCBkZW1vIHNlY3JldCwgcHVibGljIG9uIHB1cnBvc2UsIG9wZW5zIG5vdGhpbmcgYW55d2hlcmUgYXQgYWxs"  # noqa: S105


@dataclass(frozen=True)
class Settings:
    """How a sandbox behaves. Everything has a default that suits a test or a demonstration on this
    machine.
    """

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    tls: bool = False
    seed: int = 1
    rate: float = 50.0
    """Order-flow events a second, shared out over all symbols by their weight; 0 is a market at a standstill.
    """
    symbols: tuple[str, ...] = ()
    """v2 names; none means all."""
    synthetic: int = 0
    """How many generated pairs (`S0001/USD` ...) are listed besides."""
    start: datetime | None = None
    """Where the market's clock begins; None is now. With a fixed start an overloaded clock slows down instead
    of postponing events, so that the same seed and start give the same data however slow the machine is."""
    heartbeat: Literal["always", "idle"] = "always"
    log: TextIO | Path | None = None
    """Where JSON lines of what it did and sent go."""
    keep_log: bool = False
    """Also keeps the log's records in memory, in `Sandbox.entries` and at `/sandbox/log`."""
    second: float = 1.0
    """How long a second of heartbeats and of the idle time-out lasts, for tests that will not wait a minute.
    """
    faults: tuple[Fault, ...] = ()
    """What goes wrong on purpose, from the start on."""
    api_key: str = field(default=DEMO_KEY, repr=False)
    api_secret: str = field(default=DEMO_SECRET, repr=False)


@dataclass(frozen=True)
class Addresses:
    """Where a running sandbox answers; `rest` has no trailing slash, `ws_v1` ends with one."""

    rest: str
    ws_public: str
    ws_auth: str
    ws_l3: str
    ws_v1: str
    ws_v1_auth: str

    @classmethod
    def of(cls, authority: str, tls: bool) -> Addresses:
        """The six addresses behind `host:port`."""
        http, ws = ("https", "wss") if tls else ("http", "ws")
        return cls(
            f"{http}://{authority}",
            f"{ws}://{authority}/v2",
            f"{ws}://{authority}/auth/v2",
            f"{ws}://{authority}/l3/v2",
            f"{ws}://{authority}/",
            f"{ws}://{authority}/auth",
        )
