"""cryptofeed's Kraken feed, which speaks API v1 only, drives the sandbox: it understands all that comes."""

import json
import subprocess
import sys
import time
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests

from krakencli.sandbox import Sandbox, Settings

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(find_spec("cryptofeed") is None, reason="needs the [peers] extra"),
]
CLIENT = Path(__file__).parent / "cryptofeed_client.py"
EACH = 40


@pytest.fixture(scope="module")
def heard() -> tuple[list[dict[str, Any]], list[Any], list[dict[str, Any]]]:
    """What it printed, REST's trades at the end, and what the sandbox was asked. It wants TLS."""
    settings = Settings(symbols=("BTC/USD", "DOGE/USD"), rate=400, tls=True, keep_log=True)
    with Sandbox(settings) as sandbox:
        trusted = {"SSL_CERT_FILE": str(sandbox.ca_file), "REQUESTS_CA_BUNDLE": str(sandbox.ca_file)}
        where, began = sandbox.addresses, time.time_ns()
        command = [sys.executable, "-W", "ignore", CLIENT, where.rest, where.ws_v1, str(EACH)]
        ended = subprocess.run(command, env=trusted, capture_output=True, timeout=30, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")
        rows: list[Any] = []
        for pair in ("XXBTZUSD", "XDGUSD"):
            page = requests.get(
                f"{where.rest}/0/public/Trades",
                {"pair": pair, "since": began},
                verify=str(sandbox.ca_file),
                timeout=5,
            )
            rows += page.json(parse_float=Decimal)["result"][pair]
        asked = [json.loads(one["frame"]) for one in sandbox.entries if one["what"] == "receive"]
    return [json.loads(line) for line in ended.stdout.splitlines()], rows, asked


def of(heard: Any, channel: str) -> list[dict[str, Any]]:
    return [one for one in heard[0] if one["channel"] == channel]


def test_it_asks_as_it_asks_kraken(heard: Any) -> None:
    subscriptions = [one["subscription"] for one in heard[2] if one["event"] == "subscribe"]
    assert sorted(one["name"] for one in subscriptions) == ["book", "ohlc", "ticker", "trade"]
    assert {tuple(one["pair"]) for one in heard[2]} == {("XBT/USD", "XDG/USD")}


@pytest.mark.parametrize("channel", ["trade", "ticker", "ohlc", "book"])
def test_it_understands_every_channel(heard: Any, channel: str) -> None:
    assert len(of(heard, channel)) == EACH
    assert {one["symbol"] for one in of(heard, channel)} <= {"BTC-USD", "DOGE-USD"}


def test_its_trades_are_those_of_rest(heard: Any) -> None:
    """REST's times have a digit more, which rounds by a microsecond at most."""
    known = {(*map(Decimal, row[:2]), *row[3:5], int(row[2] * 10**6)) for row in heard[1]}
    for row in (one["row"] for one in of(heard, "trade")):
        micros = int(row[2].replace(".", ""))
        around = {(*map(Decimal, row[:2]), *row[3:5], micros + more) for more in (-1, 0, 1)}
        assert known & around, row


def test_its_own_checksums_agree(heard: Any) -> None:
    """It raises where its book's checksum is another than the frame's."""
    told = of(heard, "book")
    assert [one["snapshot"] for one in told].count(True) == 2
    assert sum(one["checksum"] is not None for one in told) >= EACH // 2
