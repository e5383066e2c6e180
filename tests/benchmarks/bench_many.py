"""A feed of many symbols for measuring: grants what clients ask for and then floods all connections at once.

    python bench_many.py --symbols N --frames M [--mixed]

It serves the channels ticker and trade of N pairs, and their list over REST. It prints a line of JSON with
`ws` and `rest`. Once all 2 N subscriptions are granted, over however many connections, it makes M frames,
prints the moment and sends them: every subscription gets the same number, in turn, or --mixed in a random
order of subscriptions. One run, then it has to be started again. Standard library only.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import argparse
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench_feed import GREETING, Connection, frame, stamp

Subscription = tuple[str, str]


def trade(symbol: str, number: int) -> str:
    return (
        f'{{"channel":"trade","type":"update","data":[{{"symbol":"{symbol}","side":"buy",'
        f'"price":{64000 + number % 100}.1,"qty":0.{number % 10**8:08d},"ord_type":"limit",'
        f'"trade_id":{70000000 + number},"timestamp":"{stamp(number)}"}}]}}'
    )


def ticker(symbol: str, number: int, type_: str = "update") -> str:
    price = f"{64000 + number % 100}.1"
    return (
        f'{{"channel":"ticker","type":"{type_}","data":[{{"symbol":"{symbol}","bid":{price},"bid_qty":0.50000000,'
        f'"ask":64100.0,"ask_qty":1.00000000,"last":{price},"volume":{1234 + number}.00000000,'
        f'"vwap":64012.3,"low":63000.0,"high":65000.5,"change":-12.3,"change_pct":-0.02,"timestamp":"{stamp(number)}"}}]}}'
    )


MAKERS = {"trade": trade, "ticker": ticker}


class Fair:
    """All connections of one run."""

    def __init__(self, symbols: int, frames: int, *, mixed: bool) -> None:
        self.symbols = [f"S{number:04}/USD" for number in range(symbols)]
        self._each, self._mixed = frames // (2 * symbols), mixed
        self._missing = 2 * symbols
        self._floods: dict[Connection, list[Subscription]] = {}
        self._changed = threading.Lock()

    def pairs(self) -> bytes:
        """The answer to AssetPairs."""
        names = {symbol.replace("/", ""): symbol for symbol in self.symbols}
        listed = {name: {"altname": name, "wsname": wsname} for name, wsname in names.items()}
        return json.dumps({"error": [], "result": listed}).encode()

    def serve(self, accepted: socket.socket) -> None:
        try:
            with accepted:
                connection = Connection(accepted)
                connection.send(GREETING)
                for request in connection.requests():
                    self._answer(connection, request)
        except OSError:
            pass  # the client has gone, which is how each run ends

    def _answer(self, connection: Connection, request: dict[str, object]) -> None:
        params = request.get("params")
        if request.get("method") != "subscribe" or not isinstance(params, dict):
            return
        channel, symbols = str(params["channel"]), params["symbol"]
        for symbol in symbols:
            result = {**params, "symbol": symbol}
            answer = {"method": "subscribe", "req_id": request["req_id"], "result": result, "success": True}
            connection.send(json.dumps(answer, separators=(",", ":")))
            if channel == "ticker":
                connection.send(ticker(symbol, 0, "snapshot"))
        with self._changed:
            self._floods.setdefault(connection, []).extend((channel, symbol) for symbol in symbols)
            self._missing -= len(symbols)
            if self._missing == 0:
                self._flood()

    def _flood(self) -> None:
        floods = [(one.socket, b"".join(self._frames(asked))) for one, asked in self._floods.items()]
        print(time.monotonic(), flush=True)
        for arguments in floods:
            threading.Thread(target=send, args=arguments, daemon=True).start()

    def _frames(self, asked: list[Subscription]) -> Iterator[bytes]:
        order = random.Random(7).sample(asked, len(asked)) if self._mixed else asked
        for number in range(1, self._each + 1):
            for channel, symbol in order:
                yield frame(MAKERS[channel](symbol, number))


def send(connection: socket.socket, flood: bytes) -> None:
    with suppress(OSError):  # as above
        connection.sendall(flood)


def rest(body: bytes) -> str:
    """Serve one answer to every GET; returns the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--symbols", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=400_000)
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args()
    fair = Fair(options.symbols, options.frames, mixed=options.mixed)
    listener = socket.create_server(("127.0.0.1", 0))
    ws = f"ws://127.0.0.1:{listener.getsockname()[1]}/v2"
    print(json.dumps({"ws": ws, "rest": rest(fair.pairs())}), flush=True)
    while True:
        accepted, _ = listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=fair.serve, args=(accepted,), daemon=True).start()


if __name__ == "__main__":
    main()
