"""What an update of a book costs: decoded, applied, cut, verified.

    python tests/benchmarks/books.py

Generated books with true checksums at depth 10, 100 and 1000, all with the same flow near the best prices
(mean 1.5 levels a message, a quarter of them deletions, protocol notes v2 §7.2). Every job runs once a turn,
so that a busy machine is busy for all; the ratio of depths is taken within a turn. `book, padded` is a stream
whose numbers lost their trailing zeros. python-kraken-sdk's book code runs on the same streams where it is
installed (the [peers] extra), cryptofeed's too (`pip install cryptofeed`).
"""

# ruff: noqa: T201 - a script: printing is what it is for
# ruff: noqa: PLC0415 - other people's clients are measured where they are installed

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import random
import statistics
import time
import zlib
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from bench_kit import machine

from krakencli.books import Book, OrderBook, Verdict, decode_book

DEPTHS = (10, 100, 1000)
PRICE, QTY = 1, 8
Stream = list[bytes]
"""Items of one subscription, the snapshot first."""


@dataclass
class Ladder:
    """One side of the exchange's full book, in ticks; written from the protocol notes, not from krakencli."""

    sign: int
    keys: list[int] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)

    def put(self, key: int, size: int) -> None:
        if key not in self.sizes:
            insort(self.keys, key)
        self.sizes[key] = size

    def drop(self, key: int) -> None:
        del self.sizes[key]
        del self.keys[bisect_left(self.keys, key)]

    def level(self, key: int, size: int | None = None) -> tuple[int, int]:
        return self.sign * key, self.sizes[key] if size is None else size

    def digits(self) -> str:
        return "".join(f"{self.sign * key}{self.sizes[key]}" for key in self.keys[:10])


class Market:
    """An exchange's book and the messages that a subscriber at `depth` gets of it."""

    def __init__(self, depth: int, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.depth = depth
        self.bids, self.asks = Ladder(-1), Ladder(1)
        for step in range(depth + 200):
            self.bids.put(-(670_000 - step * 3), self.size())
            self.asks.put(670_001 + step * 3, self.size())

    def size(self) -> int:
        return self.random.randrange(5_000, 300_000_000)

    def change(self, side: Ladder) -> list[tuple[int, int]]:
        """One event of the market near the best price, as the levels that it sends."""
        rank = min(int(self.random.expovariate(1 / 6)), self.depth - 1)
        key = side.keys[rank]
        choice = self.random.random()
        if choice < 0.25 and len(side.keys) > self.depth + 20:
            side.drop(key)
            return [side.level(key, 0), side.level(side.keys[self.depth - 1])]
        if choice < 0.55:
            key += self.random.choice((1, 2))
        side.put(key, self.size())
        return [side.level(key)] if bisect_left(side.keys, key) < self.depth else []

    def snapshot(self) -> list[list[tuple[int, int]]]:
        return [[side.level(key) for key in side.keys[: self.depth]] for side in (self.bids, self.asks)]

    def update(self) -> list[list[tuple[int, int]]]:
        changes: list[list[tuple[int, int]]] = [[], []]
        while not any(changes) or self.random.random() < 0.15:
            index = self.random.randrange(2)
            changes[index] += self.change((self.bids, self.asks)[index])
        return changes

    def messages(self, count: int) -> Iterator[tuple[list[list[tuple[int, int]]], int]]:
        """Changes of bids and asks, and the checksum after them."""
        for number in range(count + 1):
            changes = self.update() if number else self.snapshot()
            yield changes, zlib.crc32((self.asks.digits() + self.bids.digits()).encode())


def text(value: int, decimals: int) -> str:
    whole, fraction = divmod(value, 10**decimals)
    return f"{whole}.{fraction:0{decimals}d}"


def as_book(changes: list[list[tuple[int, int]]], checksum: int | None, *, trim: bool = False) -> bytes:
    def level(price: int, qty: int) -> str:
        size = text(qty, QTY)
        size = size.rstrip("0") + "0" * size.rstrip("0").endswith(".") if trim else size
        return f'{{"price":{text(price, PRICE)},"qty":{size}}}'

    bids, asks = (",".join(level(*one) for one in side) for side in changes)
    proof = f'"checksum":{checksum},' if checksum is not None else ""
    return (
        f'{{"symbol":"BTC/USD","bids":[{bids}],"asks":[{asks}],{proof}"timestamp":"2026-03-02T14:05:07.811450Z"}}'
    ).encode()


def as_level3(changes: list[list[tuple[int, int]]], checksum: int) -> bytes:
    """The same levels with one order each, named by its price."""

    def order(price: int, qty: int) -> dict[str, str]:
        # No event in a snapshot, and none is needed: an order that is known is replaced.
        kind = {} if qty else {"event": "delete"}
        return {
            "order_id": f"O{price}",
            "limit_price": text(price, PRICE),
            "order_qty": text(qty, QTY),
            **kind,
        }

    bids, asks = ([order(*one) for one in side] for side in changes)
    item = {"symbol": "BTC/USD", "checksum": checksum, "bids": bids, "asks": asks, "timestamp": "2026-03-02"}
    encoded = json.dumps(item, separators=(",", ":"))
    for name in ("limit_price", "order_qty"):
        head, *rest = encoded.split(f'"{name}":"')
        encoded = f'"{name}":'.join([head, *(part.replace('"', "", 1) for part in rest)])
    return encoded.encode()


Start = Callable[[bytes], Callable[[bytes], bool]]
"""Takes the snapshot's item, gives a function that says of an update's whether it verified."""


def timed(stream: Stream, start: Start) -> float:
    """Microseconds an update; AssertionError where one did not verify."""
    update = start(stream[0])
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    verified = sum(map(update, stream[1:]))
    seconds = time.perf_counter() - began
    gc.enable()
    assert verified == len(stream) - 1, f"{len(stream) - 1 - verified} updates did not verify"
    return seconds / (len(stream) - 1) * 1e6


def ours(make: Callable[[], Book | OrderBook], good: Verdict = Verdict.VERIFIED) -> Start:
    def start(snapshot: bytes) -> Callable[[bytes], bool]:
        book = make()
        assert book.apply(snapshot, True).verdict is good
        apply = book.apply
        return lambda item: apply(item, False).verdict is good

    return start


def decoding(_: bytes) -> Callable[[bytes], bool]:
    return lambda item: bool(decode_book(item))


def sdk(depth: int) -> Start | None:
    """python-kraken-sdk's client: its own handler, from the parsed frame on, without a network."""
    try:
        from kraken.spot import SpotOrderBookClient
    except ImportError:
        return None

    class Market:
        def get_asset_pairs(self, pair: str) -> dict[str, dict[str, int]]:
            return {pair: {"pair_decimals": PRICE, "lot_decimals": QTY}}

    class Client(SpotOrderBookClient):  # type: ignore[misc]
        async def on_book_update(self, pair: str, message: dict[str, object]) -> None:
            pass

    def start(snapshot: bytes) -> Callable[[bytes], bool]:
        client = Client.__new__(Client)  # __init__ opens an HTTP session
        state = {"book": {}, "depth": depth, "callback": None, "market": Market()}
        for name, value in state.items():
            setattr(client, f"_SpotOrderBookClient__{name}", value)

        def hear(item: bytes, kind: str) -> bool:
            message = {"channel": "book", "type": kind, "data": [json.loads(item)]}
            with contextlib.suppress(StopIteration):
                client.on_message(message).send(None)  # it waits for nothing while the book is valid
            return bool(client.get("BTC/USD")["valid"])

        hear(snapshot, "snapshot")
        return lambda item: hear(item, "update")

    return start


def cryptofeed(depth: int) -> Start | None:
    """cryptofeed's book (in C), fed as its Kraken class feeds it; that class itself speaks v1 only."""
    try:
        from cryptofeed.types import OrderBook as TheirBook
    except ImportError:
        return None

    def start(snapshot: bytes) -> Callable[[bytes], bool]:
        def parse(item: bytes) -> dict[str, list[dict[str, Decimal]]]:
            return json.loads(item, parse_float=Decimal)  # type: ignore[no-any-return]

        bids, asks = (
            {one["price"]: one["qty"] for one in parse(snapshot)[side]} for side in ("bids", "asks")
        )
        options = {"max_depth": depth, "checksum_format": "KRAKEN", "truncate": True}
        book = TheirBook("KRAKEN", "BTC-USD", bids=bids, asks=asks, **options).book
        sides = (("bids", book.bids), ("asks", book.asks))

        def update(item: bytes) -> bool:
            message = parse(item)
            for name, side in sides:
                for one in message[name]:
                    price, qty = one["price"], one["qty"]
                    if qty:
                        side[price] = qty
                    elif price in side:
                        del side[price]
            return bool(book.checksum() == message["checksum"])

        return update

    return start


def jobs(depth: int, updates: int) -> dict[str, Callable[[], float]]:
    """What to time at one depth, by name."""
    messages = list(Market(depth).messages(updates))
    book = [as_book(*one) for one in messages]
    trimmed = [as_book(*one, trim=True) for one in messages[: updates // 4]]
    orders = [as_level3(*one) for one in messages]
    plain = [as_book(changes, None) for changes, _ in messages]
    streams: dict[str, tuple[Stream, Start | None]] = {
        "book": (book, ours(lambda: Book(depth))),
        "book, no checksum": (plain, ours(lambda: Book(depth), Verdict.UNVERIFIABLE)),
        "book, padded": (trimmed, ours(lambda: Book(depth, precisions=(PRICE, QTY)))),
        "level3": (orders, ours(lambda: OrderBook(depth))),
        "decoding alone": (book, decoding),
        "python-kraken-sdk": (book[: updates // 8], sdk(depth)),
        "cryptofeed": (book, cryptofeed(depth)),
    }
    return {
        name: lambda stream=stream, start=start: timed(stream, start)  # type: ignore[misc]
        for name, (stream, start) in streams.items()
        if start is not None
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="What an update of a book costs.")
    arguments.add_argument("--updates", type=int, default=4000, help="updates in a stream (%(default)s)")
    arguments.add_argument("--turns", type=int, default=15, help="runs of each job (%(default)s)")
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = arguments.parse_args()
    work = {(name, depth): job for depth in DEPTHS for name, job in jobs(depth, options.updates).items()}
    turns = [{key: job() for key, job in work.items()} for _ in range(options.turns)]
    runs = {key: [turn[key] for turn in turns] for key in work}
    report(runs, as_json=options.json)


def report(runs: dict[tuple[str, int], list[float]], *, as_json: bool) -> None:
    """Median and fastest run of each job, and the median of the turns' ratios of the outer depths."""
    names = list(dict.fromkeys(name for name, _ in runs))
    rows = {}
    for name in names:
        ratios = [deep / flat for flat, deep in zip(runs[name, 10], runs[name, 1000], strict=True)]
        rows[name] = {str(depth): statistics.median(runs[name, depth]) for depth in DEPTHS}
        rows[name] |= {f"{depth} fastest": min(runs[name, depth]) for depth in DEPTHS}
        rows[name]["1000 / 10"] = statistics.median(ratios)
    if as_json:
        print(json.dumps({"machine": machine(), "microseconds": rows}))
        return
    print(machine())
    print(
        f"{'us an update: median (fastest)':<32}"
        + "".join(f"{f'depth {depth}':>20}" for depth in DEPTHS)
        + "  1000 / 10"
    )
    for name, row in rows.items():
        cells = (f"{row[str(depth)]:.2f} ({row[f'{depth} fastest']:.2f})" for depth in DEPTHS)
        print(f"{name:<32}" + "".join(f"{cell:>20}" for cell in cells) + f"{row['1000 / 10']:>11.2f}")


if __name__ == "__main__":
    main()
