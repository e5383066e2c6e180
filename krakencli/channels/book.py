"""`book`: the order book's levels, as a snapshot and then the changed ones (protocol notes v2 §7.2)."""

from dataclasses import replace

from krakencli.channels.wire_v1 import DIGITS, MORE, compact, pattern, values, without
from krakencli.model import Channel, Column, Param

DEPTHS = (10, 25, 100, 500, 1000)

EVERY = Param(
    "every",
    "With --emit: a symbol's record at most so often.",
    ("--every",),
    None,
    wire=False,
    kind="duration",
)
LEVELS = Param(
    "levels",
    "Levels a side of a table, or of --emit book and queue.",
    ("--levels",),
    None,
    wire=False,
    kind="number",
)
VERIFY = Param(
    "verify",
    "Verify every checksum before a record is printed, or not (on unless asked).",
    ("--verify/--no-verify",),
    default=True,
    wire=False,
)
MAX_RESYNCS = Param(
    "max_resyncs",
    "End with status 65 when so many new snapshots in ten minutes have not healed a book.",
    ("--max-resyncs",),
    5,
    wire=False,
    kind="number",
    least=0,
)
RESNAPSHOT = Param(
    "resnapshot",
    "Renew each book this often, for what lies below its checksum.",
    ("--resnapshot",),
    None,
    wire=False,
    kind="duration",
)
KEEPING = (EVERY, LEVELS, VERIFY, MAX_RESYNCS, RESNAPSHOT)
"""How books are kept and shown, for `book` and `level3`."""

TRUST = (
    "Every record is checked against the exchange's checksum before it is printed. One that does not match is"
    " not printed: its symbol is subscribed to again, and --events, --stats and the end record say so.",
    "The checksum covers the ten best levels of each side. What lies deeper follows from the same messages"
    " but nothing proves it: --resnapshot 10m renews it. -f raw prints frames as they come, unverified.",
)

_TIME = rb'"[0-9]++\.[0-9]++"'
_SIDE = rb'(?:\["%b","%b",%b%b\](?:,(?=\[)|(?=\])))*+' % (DIGITS, DIGITS, _TIME, MORE)
_SIDES = rb'(?:"as?":\[(%b)\])?+(?:\},\{|(?<!\{),)?+(?:"bs?":\[(%b)\])?+' % (_SIDE, _SIDE)
_PAYLOAD = rb'\{%b(?:(?<!\{),)?(?:"c":"([0-9]{1,10})")?\}' % _SIDES
_LEVEL = rb'\["([0-9.]++)","([0-9.]++)"'
_ALONE = rb'\{"([ab])":\[\["(%b)","(%b)",%b(?:,"r")?\]\],"c":"([1-9][0-9]{0,9}|0)"\}' % (
    DIGITS,
    DIGITS,
    _TIME,
)
_CHANGE = {
    b"a": b'{"symbol":%b,"bids":[],"asks":[{"price":%b,"qty":%b}],"checksum":%b}',
    b"b": b'{"symbol":%b,"bids":[{"price":%b,"qty":%b}],"asks":[],"checksum":%b}',
}
"""A change of one level, by its side."""


def decode_v1(payload: bytes, symbol: bytes, _variant: int) -> list[bytes]:
    """The item of a payload: one object, or the asks in one and the bids in another (protocol notes v1 §5.5).

    The checksum stands in the last object; snapshots have none. A republished level ("r") is like any other.
    `symbol` is JSON. ValueError where the payload is none.
    """
    if payload.count(b"[") == 2:  # most changes are of one level, which costs half as much
        alone = pattern(_ALONE).fullmatch(payload)
        if alone:
            side, price, qty, checksum = alone.groups()
            return [_CHANGE[side] % (symbol, price, qty, checksum)]
    find = pattern(_PAYLOAD).fullmatch
    found = find(payload) or find(_respelt(payload))
    if found is None or (found[1] is None and found[2] is None):
        raise ValueError("no book of API v1")
    asks, bids, checksum = found.groups()
    last = b"" if checksum is None else b',"checksum":%d' % int(checksum)
    return [b'{"symbol":%b,"bids":[%b],"asks":[%b]%b}' % (symbol, _levels(bids), _levels(asks), last)]


def is_snapshot_v1(payload: bytes) -> bool:
    """Whether a payload is the whole book, and not what changed in it."""
    return payload.lstrip(b"{ ")[:4] in (b'"as"', b'"bs"')


def _levels(side: bytes | None) -> bytes:
    found = pattern(_LEVEL).findall(side) if side else ()
    return b",".join([b'{"price":%b,"qty":%b}' % level for level in found])


def _respelt(payload: bytes) -> bytes:
    merged: dict[str, object] = {}
    for part in values(payload):
        if not isinstance(part, dict):
            raise ValueError("no book of API v1")  # noqa: TRY004 - one set of errors
        merged |= {key: part[key] for key in ("a", "as", "b", "bs", "c") if key in part}
    return compact(merged)


_V2_DELTA = Channel(
    name="book",
    wire="book",
    summary="The order book, verified: a snapshot, then every changed level.",
    examples=(
        ("kraken-stream book BTC/USD ETH/USD", "live ladders"),
        ("kraken-stream book BTC/USD -d 25 --json", "a snapshot, then the changes of 25 levels a side"),
        (
            "kraken-stream book BTC/USD --emit top | jq -c '[.bid,.ask,.spread]'",
            "best prices when they change",
        ),
        ("kraken-stream book BTC/USD -d 100 --emit book --every 1s", "the whole verified book each second"),
        ("kraken-stream book BTC/USD -n 1 | jq '.bids[0]'", "the best bid and stop"),
        ("kraken-stream book BTC/USD -f csv", "one row a level"),
    ),
    params=(
        Param("depth", "Levels on each side.", ("-d", "--depth"), 10, DEPTHS),
        Param(
            "emit",
            "What to print: the changes, the best prices, or the whole book.",
            ("--emit",),
            "delta",
            ("delta", "top", "book"),
            wire=False,
        ),
        *KEEPING,
    ),
    columns=(
        Column("type", "text", rank=3),
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("price", "price"),
        Column("qty", "qty"),
        Column("checksum", "text", rank=4),
        Column("timestamp", "time", "time", rank=2),
    ),
    sides=("bids", "asks"),
    key=(),
    notes=(
        *TRUST,
        "Records of --emit delta are the exchange's own: quantities are absolute, a quantity of zero removes"
        " the level, and after each record the book is cut to the depth (nobody reports levels pushed out).",
    ),
)

_V2_TOP = replace(
    _V2_DELTA,
    columns=(
        Column("symbol", "symbol"),
        Column("bid", "price"),
        Column("bid_qty", "qty", rank=2),
        Column("ask", "price"),
        Column("ask_qty", "qty", rank=2),
        Column("spread", "qty"),
        Column("mid", "price", rank=2),
        Column("imbalance", "change", rank=3),
        Column("checksum", "text", rank=0),
        Column("timestamp", "time", "time", rank=4),
    ),
    sides=(),
    key=("symbol",),
)

TOP = replace(_V2_TOP, v1=replace(_V2_TOP, snapshot=None, columns=without(_V2_TOP.columns, "timestamp")))
BOOK = replace(
    _V2_DELTA,
    variants=(("emit", "top", TOP),),
    v1=replace(_V2_DELTA, snapshot=None, columns=without(_V2_DELTA.columns, "timestamp")),
)
