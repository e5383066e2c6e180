"""What a user of cryptofeed would write, pointed at a sandbox: `cryptofeed_client.py REST WS_V1 COUNT`.

Prints a line of JSON for each trade, ticker, candle and book update until it has COUNT of each.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import json
import os
import sys
from collections import Counter
from typing import Any

from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import CANDLES, L2_BOOK, TICKER, TRADES
from cryptofeed.exceptions import BadChecksum
from cryptofeed.exchanges import Kraken

SYMBOLS = ["BTC-USD", "DOGE-USD"]


def main(rest: str, socket: str, count: int) -> None:
    Kraken.rest_endpoints = [RestEndpoint(rest, routes=Routes("/0/public/AssetPairs"))]
    Kraken.websocket_endpoints = [WebsocketEndpoint(socket, limit=20)]
    seen: Counter[str] = Counter()

    def tell(channel: str, **fields: Any) -> None:
        seen[channel] += 1
        if seen[channel] <= count:
            print(json.dumps({"channel": channel, **fields}, default=str))
        if len(seen) == 4 and min(seen.values()) >= count:
            sys.stdout.flush()
            os._exit(0)  # closing takes seconds

    async def trade(one: Any, _: float) -> None:
        tell("trade", symbol=one.symbol, side=one.side, price=one.price, qty=one.amount, row=one.raw)

    async def ticker(one: Any, _: float) -> None:
        tell("ticker", symbol=one.symbol, bid=one.bid, ask=one.ask)

    async def candle(one: Any, _: float) -> None:
        tell("ohlc", symbol=one.symbol, begin=one.start, open=one.open, close=one.close, trades=one.trades)

    async def book(one: Any, _: float) -> None:
        tell("book", symbol=one.symbol, snapshot=one.delta is None, checksum=one.checksum)

    handler = FeedHandler(config={"log": {"filename": os.devnull, "level": "WARNING"}})
    feed = Kraken(
        symbols=SYMBOLS,
        channels=[TRADES, TICKER, CANDLES, L2_BOOK],
        callbacks={TRADES: trade, TICKER: ticker, CANDLES: candle, L2_BOOK: book},
        candle_closed_only=False,
        max_depth=10,
        checksum_validation=True,
        exceptions=[BadChecksum],
    )
    handler.add_feed(feed)
    handler.run(exception_handler=lambda _, context: os.abort() if context else None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
