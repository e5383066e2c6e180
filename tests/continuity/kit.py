"""What the tests of continuity share: trades as text, and what came out of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from krakencli.continuity import Continuity, Out
from krakencli.model import Run

BTC, ETH = "BTC/USD", "ETH/USD"


@dataclass
class Batch:
    """A message."""

    type: str
    data: list[Raw] = field(default_factory=list)


def trade(number: int, symbol: str = BTC, time: str = "") -> Raw:
    return Raw(
        f'{{"symbol":"{symbol}","price":64000.10,"trade_id":{number},'
        f'"timestamp":"{time or f"t{number:07}"}"}}'.encode()
    )


def update(*numbers: int, symbol: str = BTC) -> Batch:
    return Batch("update", [trade(number, symbol) for number in numbers])


def snapshot(*numbers: int, symbol: str = BTC) -> Batch:
    return Batch("snapshot", [trade(number, symbol) for number in numbers])


def rest(*numbers: int) -> dict[int, Raw]:
    """An answer to a wish."""
    return {number: trade(number) for number in numbers}


def printed(outs: Iterable[Out], symbol: str = BTC) -> list[tuple[int, str]]:
    """Id and type of each record; a backfilled one has the type `filled`."""
    found = []
    for out in outs:
        for name, item in out.records if isinstance(out, Run) else ():
            record = msgspec.json.decode(item)
            assert record["symbol"] == name
            if name == symbol:
                assert isinstance(out, Run)
                found.append((record["trade_id"], "filled" if "source" in record else out.type))
    return found


def ids(outs: Iterable[Out], symbol: str = BTC) -> list[int]:
    return [number for number, _ in printed(outs, symbol)]


def told(outs: Iterable[Out]) -> list[Out]:
    return [out for out in outs if not isinstance(out, Run)]


def begun(*numbers: int, fill_timeout: float = 10.0) -> Continuity:
    """A stream of which these were printed."""
    kept = Continuity(fill_timeout=fill_timeout)
    assert ids(kept.take([update(*numbers)], 0)) == list(numbers)
    return kept
