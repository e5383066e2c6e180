"""What a sandbox is started with, and where it can be reached."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, TextIO

from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.trading.counter import TIERS

_AMOUNT = re.compile(r"\d+(\.\d+)?", re.ASCII)

RIGHTS = ("funds", "open-orders", "closed-orders", "trade", "cancel", "websocket")
"""What a key may do: query funds, query open orders and trades, query closed ones, create and modify orders,
cancel orders, use the private WebSocket."""

DEMO_KEY = "SANDBOX/DEMO/KEY/opens+nothing+anywhere+AAAAAAAAAAAAAAAA"
# 64 bytes that say what they are, in base64 as the exchange's private keys are.
DEMO_SECRET = "c2FuZGJveCBkZW1vIHNlY3JldCwgcHVibGljIG9uIHB1cnBvc2UsIG9wZW5zIG5vdGhpbmcgYW55d2hlcmUgYXQgYWxs"  # noqa: S105

DEMO_KEY_2 = "SANDBOX/DEMO/KEY/2/opens+nothing+anywhere+BBBBBBBBBBBBBB"
DEMO_SECRET_2 = (
    "c2FuZGJveCBkZW1vIHNlY3JldCAyLCBwdWJsaWMgb24gcHVycG9zZSwgb3BlbnMgbm90aGluZyBhbnl3aGVyZSBhdCBhbGw="  # noqa: S105
)
DEMO_BALANCES = (
    ("USD", "100000"),
    ("EUR", "50000"),
    ("BTC", "2"),
    ("ETH", "25"),
    ("SOL", "200"),
    ("USDT", "10000"),
    ("DOGE", "50000"),
    ("XRP", "10000"),
    ("ADA", "10000"),
)


@dataclass(frozen=True)
class AccountSettings:
    """One account: its key, what it owns (asset and amount as text), what its key may do, and its tier."""

    key: str
    secret: str = field(repr=False)
    balances: tuple[tuple[str, str], ...] = DEMO_BALANCES
    rights: tuple[str, ...] = RIGHTS
    tier: str = "intermediate"
    master: str = ""
    """The key of the account that this is a sub-account of, and that may watch it with `users=all`."""

    def __post_init__(self) -> None:
        """Raises ValueError for a right, a tier, an amount or a secret that cannot be."""
        unknown = [right for right in self.rights if right not in RIGHTS]
        if unknown:
            raise ValueError(f"unknown right {', '.join(unknown)}; there are {', '.join(RIGHTS)}")
        if self.tier not in TIERS:
            raise ValueError(f"unknown tier {self.tier}; there are {', '.join(TIERS)}")
        for _, amount in self.balances:
            self.amount(amount)
        try:
            base64.b64decode(self.secret, validate=True)
        except ValueError:
            raise ValueError("an account's secret is base64") from None

    @classmethod
    def parse(cls, spec: str) -> AccountSettings:
        """The account of a text `KEY:SECRET` or `KEY:SECRET:USD=10000,BTC=1`; among the balances may stand
        `rights=funds+trade`, `tier=pro` and `master=KEY`. Raises ValueError with the reason.
        """
        key, _, rest = spec.partition(":")
        secret, _, rest = rest.partition(":")
        if not key or not secret:
            raise ValueError("an account is written KEY:SECRET:ASSET=AMOUNT,ASSET=AMOUNT")
        parts = [part.partition("=") for part in rest.split(",") if part]
        if any(not equals for _, equals, _ in parts):
            raise ValueError("what an account has is written ASSET=AMOUNT")
        given = {name.strip(): value.strip() for name, _, value in parts}
        rights = given.pop("rights", None)
        tier, master = given.pop("tier", "intermediate"), given.pop("master", "")
        kept = RIGHTS if rights is None else tuple(right for right in rights.split("+") if right)
        return cls(key, secret, tuple(given.items()), kept, tier, master)

    @staticmethod
    def amount(text: str) -> Decimal:
        """The amount that a text says. Raises ValueError."""
        if _AMOUNT.fullmatch(text) is None:
            raise ValueError(f"{text!r} is no amount")
        return Decimal(text)


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
    speed: int = 1
    """How many seconds of the market's time pass in a second, so that minutes of candles need not be waited
    for; `rate` counts seconds of the market."""
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
    rights: tuple[str, ...] = RIGHTS
    """What the key above may do."""
    tier: str = "intermediate"
    """Which limits the demo accounts have: starter, intermediate or pro."""
    accounts: tuple[AccountSettings, ...] = ()
    """More accounts besides the two for demonstrations."""
    single_use_tokens: bool = False
    """Whether a WebSocket token serves one connection only."""

    def all_accounts(self) -> tuple[AccountSettings, ...]:
        """Every account, the one of `api_key` first."""
        return (
            AccountSettings(self.api_key, self.api_secret, DEMO_BALANCES, self.rights, self.tier),
            AccountSettings(DEMO_KEY_2, DEMO_SECRET_2, DEMO_BALANCES, tier=self.tier),
            *self.accounts,
        )


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
