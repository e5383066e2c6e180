"""Pages of trades with their ids, against the sandbox's REST."""

import json
import time
from collections.abc import Iterator

import pytest

from krakencli.rest.backfill_calls import Calls, Pace
from krakencli.rest.client import Client
from krakencli.rest.pages import TradePage, trade_page
from krakencli.sandbox import Sandbox, Settings


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with Sandbox(Settings(symbols=("BTC/USD",), rate=2000)) as exchange:
        yield exchange.addresses.rest


def page(base: str, since: int | None, within: float = 20.0) -> TradePage | None:
    with Client(base, delays=()) as client:
        calls = Calls(client, within, time.monotonic, time.sleep, pace=Pace())
        return trade_page(calls, "XXBTZUSD", "BTC/USD", since)


def test_a_page_has_ids_times_and_marked_items_with_rests_digits(base: str) -> None:
    found = page(base, None)
    assert found is not None
    ids = [number for number, _, _ in found.rows]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    _, moment, item = found.rows[-1]
    record = json.loads(item, parse_float=str)
    assert (record["symbol"], record["trade_id"], record["source"]) == ("BTC/USD", ids[-1], "backfill")
    assert len(record["price"].partition(".")[2]) == 5
    assert found.last is not None
    assert abs(found.last - moment) <= 200


def test_what_is_later_follows_and_a_full_page_says_so(base: str) -> None:
    end = time.monotonic() + 30
    while (first := page(base, 0)) is not None and not first.full:
        assert len(first.rows) < 1000
        assert time.monotonic() < end, "the market never had a page of trades"
    assert first is not None
    assert len(first.rows) == 1000
    assert first.last is not None
    then = page(base, first.last - 1)
    assert then is not None
    again = [row for row in then.rows if row[0] <= first.rows[-1][0]]  # those of its last moment
    assert again == list(first.rows[-len(again) :])
    newest = page(base, 10**18 * 9)
    assert newest is not None
    assert (newest.rows, newest.full) == ((), False)


def test_without_time_there_is_none(base: str) -> None:
    assert page(base, None, within=0.0) is None
