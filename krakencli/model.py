"""What a channel is, and what a subscription is: data that commands, codecs and formatters are made from.

A `Channel` is everything that the program knows about one command that streams. The command itself, its
options, help, completions, CSV columns, table and README row follow from it. This module and `channels`
are loaded for `--help`, so they import nothing outside the standard library's light part.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from msgspec import Raw

Kind = Literal["symbol", "side", "price", "qty", "change", "percent", "count", "time", "text"]
"""What a column holds, which decides how a table shows it; CSV prints every kind as the wire's text."""

Value = str | int | bool
"""What a parameter of a request may be."""

Host = Literal["public", "level3", "private"]
"""Which of the exchange's hosts serves a channel (protocol notes v2 §1); all but public want a token."""


HOSTS: dict[str, Host] = {
    "level3": "level3",
    "executions": "private",
    "balances": "private",
    "openOrders": "private",
    "ownTrades": "private",
}
"""The wire's channels that are not on the public host (protocol notes v2 §8, §11; v1 §7)."""

Api = Literal["v1", "v2"]
"""Which of the exchange's WebSocket protocols is spoken."""


@dataclass(frozen=True, slots=True, eq=False)
class Param:
    """One option of a channel's command.

    `name` is the wire's name for it where `wire` is true; otherwise the option is the program's own and is
    never sent. `aliases` maps further spellings to a choice (`1m` to 1). A `bool` default makes it a switch;
    `kind` is what the value of another one is where it has no choices: a length of time, or a whole number
    from `least` on.
    """

    name: str
    help: str
    flags: tuple[str, ...]
    default: Value | None
    choices: tuple[Value, ...] = ()
    aliases: tuple[tuple[str, Value], ...] = ()
    wire: bool = True
    kind: Literal["choice", "duration", "number"] = "choice"
    least: int = 1

    def parse(self, text: str) -> Value:
        """The choice that `text` spells; ValueError where it spells none of them."""
        for choice in self.choices:
            if text == str(choice):
                return choice
        for alias, choice in self.aliases:
            if text.lower() == alias:
                return choice
        raise ValueError(f"{text!r} is not one of {', '.join(map(str, self.choices))}")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a record, named as the wire names it.

    `rank` says what a narrow table keeps: 1 always, then 2, 3 ...; 0 never shows it in a table.
    """

    field: str
    kind: Kind = "text"
    title: str = ""
    rank: int = 1

    @property
    def heading(self) -> str:
        return self.title or self.field.replace("_", " ")


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One streaming command. All fields are data; nothing here runs.

    `name` is what the user types and what records carry; `wire` is the exchange's channel behind it.
    `snapshot` is the default of the wire's parameter of that name, None where it has none.
    `member` names the array to take where a frame's `data` is an object (`pairs` of instrument).
    `only` makes a record of just these fields, printed when one of them other than `timestamp` changes.
    `sides` are arrays of levels in an item; CSV and tables show one row a level.
    `expand` names an array of which CSV and tables show one row an element (one row where it is empty), and
    which column shows which of the element's fields.
    `key` are the fields that identify a row of a live table; without them the table is a log.
    `variants` names the channel to use instead when a parameter has a value (`--assets` of instrument); it
    has the same parameters. `host` is the exchange's host that serves it. `v1` is the channel as API v1 has
    it, with its wire's name, its parameters and no column that it never fills; None where it has none.
    """

    name: str
    wire: str
    summary: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, str], ...]
    params: tuple[Param, ...] = ()
    fixed: tuple[tuple[str, Value], ...] = ()
    symbols: Literal["required", "filter", "none"] = "required"
    subscribes: bool = True
    snapshot: bool | None = True
    member: str = ""
    only: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    expand: tuple[str, tuple[tuple[str, str], ...]] | None = None
    key: tuple[str, ...] = ("symbol",)
    aliases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    variants: tuple[tuple[str, Value, "Channel"], ...] = ()
    host: Host = "public"
    v1: "Channel | None" = None

    @property
    def options(self) -> tuple[Param, ...]:
        """What its command can be given: its parameters, and those that only API v1 has."""
        names = {param.name for param in self.params}
        return (*self.params, *(p for p in (self.v1.params if self.v1 else ()) if p.name not in names))


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wanted stream: a channel of the wire, one symbol (None where the channel takes none), parameters.

    `params` are (name, value) pairs in the order of sending, without `snapshot`, which is no part of a
    subscription's identity (a repeated subscription may ask otherwise).
    """

    wire: str
    symbol: str | None = None
    params: tuple[tuple[str, Value], ...] = ()
    snapshot: bool | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.wire} {self.symbol}" if self.symbol else self.wire

    @property
    def host(self) -> Host:
        """Where it is served."""
        return HOSTS.get(self.wire, "public")

    @property
    def fields(self) -> dict[str, Value]:
        """What names it in the feed's news."""
        symbol = {"symbol": self.symbol} if self.symbol is not None else {}
        return {"subscription": self.wire, **symbol, **dict(self.params)}


Record = tuple[str | None, "Raw"]
"""What a record is about (a symbol, an asset, or None) and the item's text."""


@dataclass(slots=True)
class Run:
    """Records that are alike in type and sequence, to be printed in their order."""

    type: str
    records: list[Record] = field(default_factory=list)
    sequence: int | None = None


def run_of(out: list[Any], type_: str) -> list[Record]:
    """The records of the run that the next one of this type belongs to: the last of `out`, or a new one."""
    last = out[-1] if out else None
    if not isinstance(last, Run) or last.type != type_:
        last = Run(type_)
        out.append(last)
    return last.records


@dataclass(frozen=True, slots=True)
class News:
    """What happens to a stream beside its data: a `_feed` record of `--events`.

    `type` is connected, disconnected, reconnecting, subscribed, rejected, revised, untrusted, resync,
    unverified, crossed, stall, lag, gap, backfilled, surplus,
    unaudited, restarted or end; `time` is RFC 3339.
    """

    type: str
    time: str
    fields: dict[str, Any] = field(default_factory=dict)
