"""Trades over REST: the shape of v2, the digits that were traded, as many pages and tries as it takes."""

import json
import time
from collections.abc import Iterator

import pytest
import requests

from krakencli.errors import RemoteError
from krakencli.rest.backfill import Missing, trades
from krakencli.rest.client import Client
from krakencli.sandbox import Sandbox, Settings

UNIT = 0.01


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Settings(symbols=("BTC/USD",), rate=3000)) as running:
        yield running


def history(sandbox: Sandbox, count: int) -> list[list[object]]:
    """The newest rows, once there are so many."""
    url = f"{sandbox.addresses.rest}/0/public/Trades"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        text = requests.get(url, params={"pair": "XXBTZUSD", "count": 1000}, timeout=10).text
        rows: list[list[object]] = json.loads(text, parse_float=str)["result"]["XXBTZUSD"]
        if len(rows) >= count:
            return rows
    raise AssertionError("the market is too quiet")


def ask(sandbox: Sandbox, first: int, last: int, after: str, within: float = 1.0) -> dict[int, bytes]:
    missing = Missing("XXBTZUSD", "BTC/USD", first, last, after, 1, 8)
    with Client(sandbox.addresses.rest) as client:
        return trades(client, missing, within=within, clock=time.monotonic, sleep=time.sleep, unit=UNIT)


def test_rows_become_items_with_their_digits(sandbox: Sandbox) -> None:
    rows = history(sandbox, 30)[5:25]
    first, last = int(str(rows[0][6])), int(str(rows[-1][6]))
    after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(str(rows[0][2]).split(".", maxsplit=1)[0])))
    found = ask(sandbox, first, last, after)
    assert list(found) == list(range(first, last + 1))
    for row, text in zip(rows, found.values(), strict=True):
        item = json.loads(text, parse_float=str)
        assert list(item) == ["symbol", "side", "price", "qty", "ord_type", "trade_id", "timestamp", "source"]
        assert str(row[0]).startswith(item["price"])
        assert set(str(row[0])[len(item["price"]) :]) <= {"0"}
        assert (item["qty"], item["trade_id"], item["source"]) == (row[1], row[6], "backfill")
        assert {"b": "buy", "s": "sell"}[str(row[3])] == item["side"]
        assert str(row[2]).partition(".")[2][:6].ljust(6, "0") == item["timestamp"][-7:-1]


def test_a_rest_that_lags_is_asked_again(sandbox: Sandbox) -> None:
    newest = history(sandbox, 30)[-1]
    first = int(str(newest[6])) + 5
    after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    found = ask(sandbox, first, first + 2, after, within=20.0)
    assert list(found) == [first, first + 1, first + 2]


def test_what_never_comes_is_left_out_in_time(sandbox: Sandbox) -> None:
    began = time.monotonic()
    assert ask(sandbox, 10**9, 10**9 + 3, "2026-01-01T00:00:00Z", within=0.3) == {}
    assert time.monotonic() - began < 5


def test_a_pair_that_rest_does_not_know_is_an_error(sandbox: Sandbox) -> None:
    missing = Missing("NOPE", "NOPE/USD", 1, 2, "2026-01-01T00:00:00Z")
    with Client(sandbox.addresses.rest) as client, pytest.raises(RemoteError):
        trades(client, missing, within=1.0, clock=time.monotonic, sleep=time.sleep, unit=UNIT)
