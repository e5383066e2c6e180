"""A feed for measuring: one WebSocket server on loopback that greets, acknowledges and then sends N frames.

    python bench_feed.py --channel trade|ticker|book|book-1000 --frames N [--tls]

It runs in a process of its own, so that what is measured shares neither its memory nor its time. It prints a
line of JSON with `url`, `records` and, with --tls, `ca_file`; then, for each subscription, the moment of the
first byte of the flood. Standard library only, and nothing of krakencli.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import argparse
import json
import random
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha1
from pathlib import Path

SYMBOL = "BTC/USD"
GREETING = (
    '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online",'
    '"api_version":"v2","connection_id":13834774380200032777}]}'
)


def stamp(number: int) -> str:
    """A moment of an invented day, in microseconds."""
    seconds, micros = divmod(number * 137, 1_000_000)
    return f"2026-11-22T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{micros:06d}Z"


def trades(frames: int) -> Iterator[str]:
    """Trades of one pair, one a frame, with consecutive ids."""
    dice, price = random.Random(7), 640000
    for number in range(frames):
        price += dice.randint(-10, 10)
        yield (
            f'{{"channel":"trade","type":"update","data":[{{"symbol":"{SYMBOL}",'
            f'"side":"{dice.choice(("buy", "sell"))}","price":{price // 10}.{price % 10},'
            f'"qty":{dice.random():.8f},"ord_type":"{dice.choice(("limit", "market"))}",'
            f'"trade_id":{70000000 + number},"timestamp":"{stamp(number)}"}}]}}'
        )


def tickers(frames: int) -> Iterator[str]:
    """A snapshot and then updates of one pair's ticker."""
    dice, price = random.Random(7), 640000
    for number in range(frames + 1):
        price += dice.randint(-10, 10)
        shown, volume = f"{price // 10}.{price % 10}", f"{1234 + number * 0.001:.8f}"
        yield (
            f'{{"channel":"ticker","type":"{"update" if number else "snapshot"}",'
            f'"data":[{{"symbol":"{SYMBOL}","bid":{shown},"bid_qty":{dice.random():.8f},'
            f'"ask":{price // 10 + 1}.0,"ask_qty":{dice.random():.8f},"last":{shown},'
            f'"volume":{volume},"vwap":64012.3,"low":63000.0,"high":65000.5,"change":-12.3,"change_pct":-0.02,"timestamp":"{stamp(number)}"}}]}}'
        )


def books(frames: int, depth: int = 10) -> Iterator[str]:
    """A snapshot of `depth` levels a side, then new quantities of one to three; checksums are true."""
    dice = random.Random(7)
    asks = {640010 + 5 * step: dice.randint(1, 300_000_000) for step in range(depth)}
    bids = {640005 - 5 * step: dice.randint(1, 300_000_000) for step in range(depth)}
    prices = {name: list(levels) for name, levels in (("bids", bids), ("asks", asks))}
    for number in range(frames + 1):
        changed = {"bids": list(bids), "asks": list(asks)} if not number else {"bids": [], "asks": []}
        for _ in range(dice.randint(1, 3) if number else 0):
            name, levels = dice.choice((("bids", bids), ("asks", asks)))
            price = dice.choice(prices[name])
            levels[price] = dice.randint(1, 300_000_000)
            changed[name].append(price)
        shown = (
            f'"{name}":[{",".join(_level(price, levels[price]) for price in changed[name])}]'
            for name, levels in (("bids", bids), ("asks", asks))
        )
        best = (
            (price, levels[price])
            for name, levels in (("asks", asks), ("bids", bids))
            for price in prices[name][:10]
        )
        digits = "".join(f"{price}{qty}" for price, qty in best)
        yield (
            f'{{"channel":"book","type":"{"update" if number else "snapshot"}","data":[{{"symbol":"{SYMBOL}",'
            f'{",".join(shown)},"checksum":{zlib.crc32(digits.encode())},"timestamp":"{stamp(number)}"}}]}}'
        )


def _level(price: int, qty: int) -> str:
    return f'{{"price":{price // 10}.{price % 10},"qty":{qty // 10**8}.{qty % 10**8:08d}}}'


CHANNELS: dict[str, Callable[[int], Iterator[str]]] = {
    "trade": trades,
    "ticker": tickers,
    "book": books,
    "book-1000": partial(books, depth=1000),
}
"""What can be served; behind a hyphen stands a book's depth."""


def frame(text: str) -> bytes:
    """One unmasked text frame, as a server sends it."""
    payload = text.encode()
    if len(payload) < 126:
        return struct.pack("!BB", 0x81, len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", 0x81, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x81, 127, len(payload)) + payload


class Connection:
    """One client: the handshake, then its requests as objects."""

    def __init__(self, socket_: socket.socket) -> None:
        self.socket = socket_
        self._buffer = b""
        request = self._until(b"\r\n\r\n").decode("latin-1")
        headers = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if ": " in line)
        key = {name.lower(): value for name, value in headers.items()}["sec-websocket-key"]
        accept = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        socket_.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    def send(self, text: str) -> None:
        self.socket.sendall(frame(text))

    def requests(self) -> Iterator[dict[str, object]]:
        """The client's text frames, until it goes."""
        while True:
            first, second = self._take(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(self._take(2 if length == 126 else 8))
            mask, payload = self._take(4), self._take(length)
            if first & 15 == 8:
                return
            if first & 15 == 1:
                text = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
                yield json.loads(text)

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._more()
        head, self._buffer = self._buffer.split(end, 1)
        return head

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self) -> None:
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the client is gone")
        self._buffer += received


def serve(connection: Connection, channel: str, flood: bytes) -> None:
    """Talk to one client until it goes."""
    connection.send(GREETING)
    for request in connection.requests():
        params = request.get("params")
        if request.get("method") != "subscribe" or not isinstance(params, dict):
            continue
        number = {"req_id": request["req_id"]} if "req_id" in request else {}
        for symbol in params["symbol"]:
            result = {**params, "symbol": symbol}
            answer = {"method": "subscribe", **number, "result": result, "success": True}
            connection.send(json.dumps(answer, separators=(",", ":")))
        if params.get("channel") == channel:
            print(time.monotonic(), flush=True)
            connection.socket.sendall(flood)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, by the openssl command."""
    paths = folder / "certificate.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=feed"
        f" -addext subjectAltName=IP:127.0.0.1 -out {paths[0]} -keyout {paths[1]}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--channel", choices=CHANNELS, default="trade")
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    texts = list(CHANNELS[options.channel](options.frames))
    records, flood = len(texts), b"".join(map(frame, texts))
    del texts
    listener = socket.create_server(("127.0.0.1", 0))
    hello: dict[str, object] = {"url": f"ws://127.0.0.1:{listener.getsockname()[1]}/v2", "records": records}
    context = None
    with tempfile.TemporaryDirectory() as folder:
        if options.tls:
            chain, key = certificate(Path(folder))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, key)
            hello |= {"url": str(hello["url"]).replace("ws:", "wss:"), "ca_file": str(chain)}
        print(json.dumps(hello), flush=True)
        while True:
            accepted, _ = listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            arguments = (accepted, context, options.channel, flood)
            threading.Thread(target=_welcome, args=arguments, daemon=True).start()


def _welcome(accepted: socket.socket, context: ssl.SSLContext | None, channel: str, flood: bytes) -> None:
    try:
        secured = context.wrap_socket(accepted, server_side=True) if context else accepted
        with secured:
            serve(Connection(secured), channel.partition("-")[0], flood)
    except OSError:
        pass  # the client has gone, which is how each run ends


if __name__ == "__main__":
    main()
