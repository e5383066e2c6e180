"""The sandbox on real sockets: start, paths, keys, TLS, load, log, end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from krakencli.sandbox import Addresses, Sandbox, Settings
from krakencli.sandbox.control import is_loopback
from krakencli.sandbox.hosts import NO_PRIVATE, NO_PUBLIC

from .kit import START, WireBook
from .sockets import Socket


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Settings(rate=2000, synthetic=3, keep_log=True)) as running:
        yield running


def test_books_and_trades_over_a_real_socket(sandbox: Sandbox) -> None:
    book, last_id, checked = WireBook(25), None, 0
    with Socket(sandbox.addresses.ws_public) as client:
        assert client.next()["channel"] == "status"
        client.subscribe("book", "BTC/USD", depth=25)
        client.subscribe("trade", "BTC/USD", snapshot=True)
        while checked < 150 or last_id is None:
            frame = client.next()
            if frame.get("channel") == "book":
                assert book.apply(frame)
                checked += 1
            for item in frame.get("data", []) if frame.get("channel") == "trade" else []:
                assert last_id is None or item["trade_id"] == last_id + 1
                last_id = item["trade_id"]


def test_rest_and_socket_tell_the_same_trades(sandbox: Sandbox) -> None:
    with Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", "ETH/USD", snapshot=True)
        streamed = client.next(channel="trade", type="snapshot")["data"]
    url = f"{sandbox.addresses.rest}/0/public/Trades"
    document = requests.get(url, params={"pair": "XETHZUSD"}, timeout=10).json()
    rows = {row[6]: row for row in document["result"]["XETHZUSD"]}
    assert len(streamed) == 50
    for item in streamed:
        price, qty, _, side, kind, *_ = rows[item["trade_id"]]
        assert (price, qty) == (item["price"] + "000", item["qty"])
        assert (side, kind) == (item["side"][0], item["ord_type"][0])


def test_times_are_close_to_now(sandbox: Sandbox) -> None:
    with Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", "BTC/USD")
        stamp = client.next(channel="trade")["data"][0]["timestamp"]
    assert abs(datetime.fromisoformat(stamp).timestamp() - time.time()) < 2


def test_a_thousand_symbols_are_listed_and_served() -> None:
    with (
        Sandbox(Settings(symbols=("BTC/USD",), synthetic=1000, rate=200)) as big,
        Socket(big.addresses.ws_public) as client,
    ):
        symbols = [f"S{number:04d}/USD" for number in range(1, 1001)]
        client.subscribe("book", *symbols)
        acks = [client.next(method="subscribe") for _ in symbols]
        assert [ack["result"]["symbol"] for ack in acks] == symbols
        assert len({ack["time_in"] for ack in acks}) == 1
        seen = {client.next(channel="book", type="snapshot")["data"][0]["symbol"] for _ in symbols}
        assert seen == set(symbols)


@pytest.mark.parametrize("path", ["ws_public", "ws_auth", "ws_l3"])
def test_v2_hosts_greet_and_answer_pings(sandbox: Sandbox, path: str) -> None:
    with Socket(getattr(sandbox.addresses, path)) as client:
        assert client.next()["data"][0]["api_version"] == "v2"
        client.send(method="ping", req_id=2)
        assert client.next(method="pong")["req_id"] == 2
        client.socket.send_binary(b'{"method":"ping"}')
        assert client.next()["error"] == "Malformed request"


@pytest.mark.parametrize(
    ("path", "refused", "error"),
    [
        ("ws_v1", {"name": "openOrders", "token": "x"}, NO_PRIVATE),
        ("ws_v1_auth", {"name": "ticker"}, NO_PUBLIC),
    ],
)
def test_v1_hosts_greet_and_refuse_each_other_s_channels(
    sandbox: Sandbox, path: str, refused: dict[str, str], error: str
) -> None:
    with Socket(getattr(sandbox.addresses, path)) as client:
        greeting = client.next()
        assert list(greeting) == ["connectionID", "event", "status", "version"]
        assert (greeting["event"], greeting["status"]) == ("systemStatus", "online")
        client.send(event="ping", reqid=42)
        assert client.next() == {"event": "pong", "reqid": 42}
        client.send(event="subscribe", subscription=refused, reqid=7)
        assert client.next() == {
            "errorMessage": error,
            "event": "subscriptionStatus",
            "reqid": 7,
            "status": "error",
            "subscription": refused,
        }
        client.socket.send("[1")
        assert client.next(event="error") == {"errorMessage": "Malformed request", "event": "error"}


def test_another_path_is_not_found(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.addresses.rest}/v2/more", timeout=10).status_code == 404
    assert requests.get(f"{sandbox.addresses.rest}/v2", timeout=10).status_code == 400


def test_joining_from_this_machine(sandbox: Sandbox) -> None:
    document = requests.get(f"{sandbox.addresses.rest}/sandbox", timeout=10).json()
    addresses = {name: document[name] for name in Addresses.__dataclass_fields__}
    assert Addresses(**addresses) == sandbox.addresses
    assert (document["api_key"], document["api_secret"]) == (sandbox.api_key, sandbox.api_secret)
    assert document["seed"] == 1
    assert document["symbols"][0] == "BTC/USD"
    assert document["symbols"][-1] == "S0003/USD"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("192.168.1.5", False),
        ("8.8.8.8", False),
        ("fe80::1%eth0", False),
        (None, False),
    ],
)
def test_who_may_see_the_demo_keys(remote: str | None, expected: bool) -> None:
    assert is_loopback(remote) is expected


def test_demo_keys_buy_a_token_that_opens_the_private_host(sandbox: Sandbox) -> None:
    path, nonce = "/0/private/GetWebSocketsToken", str(time.time_ns())
    body = f"nonce={nonce}"
    digest = hashlib.sha256((nonce + body).encode()).digest()
    code = hmac.new(base64.b64decode(sandbox.api_secret), path.encode() + digest, hashlib.sha512).digest()
    headers = {
        "API-Key": sandbox.api_key,
        "API-Sign": base64.b64encode(code).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    url = sandbox.addresses.rest + path
    document = requests.post(url, data=body, headers=headers, timeout=10).json()
    assert document["error"] == []
    with Socket(sandbox.addresses.ws_auth) as client:
        for token, error in (
            (document["result"]["token"], None),
            ("stale", "ESession:Invalid session"),
        ):
            client.send(method="subscribe", params={"channel": "executions", "token": token})
            assert client.next(method="subscribe").get("error") == error


def test_the_log_holds_what_a_client_was_sent(sandbox: Sandbox) -> None:
    with Socket(sandbox.addresses.ws_public) as client:
        frames = [client.socket.recv()]
        client.subscribe("ticker", "BTC/USD", event_trigger="bbo")
        frames += [client.socket.recv() for _ in range(50)]
    number = next(e["connection"] for e in sandbox.entries if e.get("frame") == frames[0])
    mine = [entry for entry in list(sandbox.entries) if entry.get("connection") == number]
    assert [entry["what"] for entry in mine[:4]] == ["open", "send", "receive", "send"]
    assert mine[0]["path"] == "/v2"
    assert [entry["frame"] for entry in mine if entry["what"] == "send"][:51] == frames
    lines = requests.get(f"{sandbox.addresses.rest}/sandbox/log", timeout=10).text.splitlines()
    assert json.loads(lines[0])["what"] == "listening"
    assert json.loads(lines[mine[1]["n"] - 1])["frame"] == frames[0]


def test_a_log_file_and_no_log_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with Sandbox(Settings(symbols=("BTC/USD",), log=file)) as small:
        assert requests.get(f"{small.addresses.rest}/sandbox/log", timeout=10).status_code == 404
        requests.get(f"{small.addresses.rest}/0/public/Time", timeout=10)
        assert small.entries == []
    whats = [json.loads(line)["what"] for line in file.read_text().splitlines()]
    assert whats == ["listening", "rest"]


def test_a_slow_reader_stalls_nobody_and_loses_nothing() -> None:
    """What the slow one leaves lying is more than the system's buffers take: the server queues it."""
    with (
        Sandbox(Settings(symbols=("BTC/USD",), rate=20_000)) as busy,
        Socket(busy.addresses.ws_public, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]) as slow,
        Socket(busy.addresses.ws_public) as quick,
    ):
        slow.subscribe("book", "BTC/USD", depth=1000)
        slow.subscribe("trade", "BTC/USD")
        slow.next(method="subscribe")
        quick.subscribe("trade", "BTC/USD")
        last = first = quick.next(channel="trade")["data"][0]["trade_id"]
        while last < first + 4000:
            last = quick.next(channel="trade")["data"][-1]["trade_id"]
        book, ids = WireBook(1000), [first - 1]
        while ids[-1] < first + 300:
            frame = slow.next()
            if frame.get("channel") == "book":
                assert book.apply(frame)
            elif frame.get("channel") == "trade":
                ids += [item["trade_id"] for item in frame["data"]]
        assert ids[1:] == list(range(ids[1], ids[-1] + 1))
        assert ids[1] <= first


def test_heartbeats_beat_in_real_time() -> None:
    with (
        Sandbox(Settings(symbols=("BTC/USD",), rate=0, second=0.05)) as small,
        Socket(small.addresses.ws_public) as client,
    ):
        client.subscribe("trade", "BTC/USD")
        client.next(method="subscribe")
        began = time.monotonic()
        for _ in range(4):
            assert client.next() == {"channel": "heartbeat"}
        assert 0.12 < time.monotonic() - began < 3.5


def test_an_idle_client_is_closed_and_a_subscribed_one_is_not() -> None:
    with (
        Sandbox(Settings(symbols=("BTC/USD",), rate=0, second=0.002)) as small,
        Socket(small.addresses.ws_public) as subscribed,
        Socket(small.addresses.ws_public) as idle,
    ):
        subscribed.subscribe("trade", "BTC/USD")
        assert idle.next()["channel"] == "status"
        opcode, payload = idle.socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_CLOSE
        assert int.from_bytes(payload[:2], "big") == 1000
        subscribed.next(method="subscribe")
        subscribed.send(method="ping", req_id=1)
        assert subscribed.next(method="pong")["req_id"] == 1


def test_tls_with_its_own_certificate() -> None:
    with Sandbox(Settings(symbols=("BTC/USD",), tls=True)) as safe:
        assert safe.addresses.rest.startswith("https://127.0.0.1:")
        assert safe.ca_file is not None
        assert [file.name for file in safe.ca_file.parent.iterdir()] == ["ca.pem"]
        url = f"{safe.addresses.rest}/sandbox"
        document = requests.get(url, verify=str(safe.ca_file), timeout=10).json()
        assert document["ws_public"] == safe.addresses.ws_public
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=10)
        with Socket(safe.addresses.ws_public, sslopt={"ca_certs": str(safe.ca_file)}) as client:
            client.subscribe("book", "BTC/USD", depth=1000)
            assert WireBook(1000).apply(client.next(channel="book"))
        named = safe.addresses.ws_public.replace("127.0.0.1", "localhost")
        with Socket(named, sslopt={"ca_certs": str(safe.ca_file), "cert_reqs": ssl.CERT_REQUIRED}) as client:
            assert client.next()["channel"] == "status"
    assert not safe.ca_file.exists()


def test_a_port_in_use_is_an_error_of_the_caller(sandbox: Sandbox) -> None:
    port = int(sandbox.addresses.rest.rpartition(":")[2])
    taken = Sandbox(Settings(port=port))
    with pytest.raises(OSError, match="in use"):
        taken.start()
    taken.stop()


def test_an_unknown_symbol_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="XBT/USD; it knows BTC/USD"):
        Sandbox(Settings(symbols=("XBT/USD",)))


def test_the_end_says_goodbye_and_frees_the_port() -> None:
    small = Sandbox(Settings(symbols=("BTC/USD",)))
    with pytest.raises(RuntimeError, match="not been started"):
        _ = small.addresses
    address = small.start().ws_public
    with Socket(address) as client:
        client.subscribe("trade", "BTC/USD")
        client.next(method="subscribe")
        began = time.monotonic()
        small.stop()
        assert time.monotonic() - began < 3.0
        client.socket.settimeout(5)
        opcode, payload = client.socket.recv_data()
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, payload = client.socket.recv_data()
        assert int.from_bytes(payload[:2], "big") == 1001
    small.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.split(":")[2].partition("/")[0])), timeout=5)
    with pytest.raises(RuntimeError, match="started before"):
        small.start()


def tape() -> list[Any]:
    """The first hundred trades of BTC/USD after a fixed start, as a server on a real clock tells them."""
    settings = Settings(symbols=("BTC/USD", "ETH/USD"), start=START, seed=5, rate=3000)
    query = {"pair": "XBTUSD", "since": str(int(START.timestamp())), "count": "100"}
    with Sandbox(settings) as small:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            url = f"{small.addresses.rest}/0/public/Trades"
            rows: list[Any] = requests.get(url, params=query, timeout=10).json()["result"]["XXBTZUSD"]
            if len(rows) == 100:
                return rows
            time.sleep(0.02)
    raise TimeoutError("no hundred trades within ten seconds")


def test_two_servers_with_one_seed_and_start_tell_the_same_trades() -> None:
    assert tape() == tape()


@pytest.mark.slow  # it takes a whole core, and its bounds hold only where nobody else wants that core
@pytest.mark.parametrize("start", [None, START])
def test_more_than_the_machine_can_play_is_put_off(start: datetime | None) -> None:
    """Once put off, the market takes a while to fall behind again; meanwhile requests are answered."""
    settings = Settings(symbols=("BTC/USD",), rate=1e6, keep_log=True, start=start)
    with Sandbox(settings) as flooded, Socket(flooded.addresses.ws_public) as client:
        client.subscribe("trade", "BTC/USD")
        behind: list[Any] = []
        seen = 0
        while len(behind) < 2:
            fresh = flooded.entries[seen:]
            seen += len(fresh)
            behind += [entry for entry in fresh if entry["what"] == "behind"]
            stamp = client.next(channel="trade")["data"][0]["timestamp"]
            assert start or time.time() - datetime.fromisoformat(stamp).timestamp() < 5
        assert behind[0]["seconds"] > 0.25
        assert behind[1]["at"] - behind[0]["at"] > 0.2
        client.send(method="ping", req_id=9)
        assert client.next(method="pong")["req_id"] == 9
