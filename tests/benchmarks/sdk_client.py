"""What a python-kraken-sdk user would write to print each trade as JSON: `sdk_client.py URL COUNT`."""

# ruff: noqa: T201 - a script: printing is what it is for

import asyncio
import json
import os
import sys
from typing import Any

from kraken.spot import SpotWSClient


class Trades(SpotWSClient):
    left = 0
    done: asyncio.Event

    async def on_message(self, message: dict[str, Any]) -> None:
        if message.get("channel") == "trade":
            for trade in message["data"]:
                if self.left:
                    print(json.dumps(trade))
                    self.left -= 1
            if not self.left:
                self.done.set()


async def main(url: str, count: int) -> None:
    client = Trades(ws_url=url)
    client.left, client.done = count, asyncio.Event()
    await client.start()
    await client.subscribe(params={"channel": "trade", "symbol": ["BTC/USD"], "snapshot": False})
    await client.done.wait()
    sys.stdout.flush()
    os._exit(0)  # closing takes it up to ten seconds, which is no part of its speed


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
