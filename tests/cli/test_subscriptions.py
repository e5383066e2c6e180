"""The overview of subscriptions, the figures of --stats, and a symbol that falls mute among others."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from krakencli.sandbox.settings import DEMO_KEY, DEMO_SECRET

from .program import Program
from .server import Peer, Server, message, trade


def of(records: list[dict[str, Any]], subscription: str, symbol: str | None = None) -> list[dict[str, Any]]:
    return [one for one in records if one.get("subscription") == subscription and one.get("symbol") == symbol]


def test_each_line_tells_one_subscription(program: Program) -> None:
    ended = program.run(
        "subscriptions", "ticker:BTC/USD,NOPE/USD", "book:BTC/USD,depth=25", "ohlc:ETH/USD,interval=5m",
        "status", "--sandbox", "--json", "--duration", "3s",
    )  # fmt: skip
    assert ended.status == 0
    assert {record["channel"] for record in ended.records} == {"subscriptions"}
    first, last = ended.records[:5], ended.records[-5:]
    assert [one["state"] for one in first][:4] == ["connecting"] * 4 or first[0]["state"] == "asked"
    ticker, refused, book, ohlc, status = last
    assert (ticker["subscription"], ticker["symbol"], ticker["state"]) == ("ticker", "BTC/USD", "live")
    assert ticker["acknowledged"] == {"event_trigger": "trades", "snapshot": True}
    assert (refused["state"], refused["reason"]) == (
        "refused",
        "Currency pair not supported NOPE/USD",
    )
    assert (book["parameters"], book["acknowledged"]) == (
        {"depth": "25"},
        {"depth": "25", "snapshot": True},
    )
    assert int(book["verified"]) == int(book["records"]) > 0
    assert ohlc["warnings"] == ["timestamp is deprecated, use interval_begin"]
    assert ohlc["latency"] is None
    assert (status["subscription"], status["records"]) == ("status", "1")
    assert [one.get("connection") for one in last] == ["1", "1", "1", "1", None]
    assert 0 <= float(book["acknowledged_after"]) < 3
    assert 0 <= float(book["age"]) < 3
    assert abs(float(book["clock_error"])) < 1
    assert float(book["clock_uncertainty"]) > 0
    assert abs(float(book["latency"])) < 1
    assert ended.err.count("\n") == 1
    assert "NOPE/USD" in ended.err


def test_count_counts_its_lines_and_every_says_how_often(program: Program) -> None:
    ended = program.run(
        "subscriptions", "ticker:BTC/USD,ETH/USD", "--sandbox", "--json", "-n", "5", "--every", "200ms",
        "--events",
    )  # fmt: skip
    lines = [record for record in ended.records if record["channel"] == "subscriptions"]
    assert len(lines) == 5
    assert [one["symbol"] for one in lines] == ["BTC/USD", "ETH/USD", "BTC/USD", "ETH/USD", "BTC/USD"]
    assert (ended.status, ended.records[-1]["type"], ended.records[-1]["reason"]) == (0, "end", "count")


def test_a_lost_connection_shows_until_it_is_back(program: Program) -> None:
    def script(peer: Peer) -> None:
        if peer.number == 2:
            peer.hang()  # no answer to the handshake
        peer.greet()
        peer.grant()
        peer.send(message("trade", trade(peer.number)))
        if peer.number == 1:
            peer.cut()
        peer.hang()

    with Server(script) as server:
        running = program.start(
            "subscriptions", "trade:BTC/USD", "--json", "--every", "50ms", "--events",
            env={"KRAKEN_WS_PUBLIC_URL": server.url, "KRAKEN_SPOT_URL": server.rest},
        )  # fmt: skip
        states: list[str] = []
        while "reconnecting" not in states:
            record = running.record()
            states += [record["state"]] if record["channel"] == "subscriptions" else []
        assert record["records"] == "1"
        assert record["connection"] == "1"
        ended = program.interrupt(running)
    assert ended.status == 130


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ticker:BTC/USD", "-f", "csv"], ["CSV", "-f jsonl"]),
        (["ticker:BTC/USD", "-f", "raw"], ["RAW", "-f jsonl"]),
        (["tickr:BTC/USD"], ["tickr", "did you mean 'ticker'"]),
    ],
)
def test_what_cannot_be_shown_is_a_mistake(program: Program, arguments: list[str], words: list[str]) -> None:
    ended = program.run("subscriptions", *arguments, "--sandbox")
    assert ended.status == 2
    assert all(word in ended.error for word in words), ended.error


PRIVATE = ["executions", "open-orders", "own-trades", "balances"]


def test_without_a_channel_it_shows_all_private_ones(program: Program) -> None:
    ended = program.run("subscriptions", "--sandbox", "--json", "--duration", "2s")
    assert (ended.status, ended.err) == (0, "")
    last = ended.records[-4:]
    assert [(one["subscription"], one["state"]) for one in last] == [(name, "live") for name in PRIVATE]
    assert last[0]["acknowledged"]["maxratecount"] == "125"


def test_without_a_channel_a_key_is_enough_wherever_it_is(program: Program, sandbox: dict[str, str]) -> None:
    everywhere = {
        "KRAKEN_SPOT_URL": sandbox["rest"],
        "KRAKEN_WS_AUTH_URL": sandbox["ws_auth"],
        "KRAKEN_WS_PUBLIC_URL": sandbox["ws_public"],
    }
    keys = {"KRAKEN_API_KEY": DEMO_KEY, "KRAKEN_API_SECRET": DEMO_SECRET}
    token = program.run("token", env={**everywhere, **keys}).out.strip()
    for known in (keys, {"KRAKEN_WS_TOKEN": token}):
        ended = program.run("subscriptions", "--json", "--duration", "2s", env={**everywhere, **known})
        assert [one["state"] for one in ended.records[-4:]] == ["live"] * 4, ended.err
    joined = program.run("subscriptions", "--json", "-n", "4", "--sandbox-url", sandbox["rest"])
    assert [one["subscription"] for one in joined.records] == PRIVATE


@pytest.mark.parametrize("more", [[], ["--api", "v1", "--every", "2s"]])
def test_without_a_channel_and_without_a_key_it_is_a_mistake(program: Program, more: list[str]) -> None:
    ended = program.run("subscriptions", *more)
    assert ended.status == 2
    for words in ("at least one channel", "all private ones", "subscriptions ticker:BTC/USD", "keys set"):
        assert words in ended.error


def test_a_key_that_others_may_read_is_no_key(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "xdg_config_home" / "kraken-stream"
    folder.mkdir(parents=True)
    file = folder / "config.toml"
    file.write_text(f'[profiles.default]\napi_key = "{DEMO_KEY}"\napi_secret = "{DEMO_SECRET}"\n')
    file.chmod(0o644)
    ended = program.run("subscriptions")
    assert ended.status == 78
    assert "chmod 600" in ended.error


def test_only_refusals_end_with_64(program: Program) -> None:
    ended = program.run("subscriptions", "ticker:NOPE/USD", "--sandbox", "--json")
    assert ended.status == 64
    assert ended.records[-1]["state"] == "refused"


def test_a_plain_table_has_words_and_units(program: Program) -> None:
    ended = program.run(
        "subscriptions", "book:BTC/USD,depth=25", "--sandbox", "-f", "table", "--duration", "2s"
    )
    assert ended.lines[0].split()[:4] == ["subscription", "conn", "state", "acknowledged"]
    assert re.search(r"^book BTC/USD +1 +● live +depth=25 snapshot=true +[\d.]+ ms ", ended.lines[-1])


def test_stats_shows_the_same_at_the_end_of_any_stream(program: Program) -> None:
    ended = program.run(
        "book", "BTC/USD", "ETH/USD", "--sandbox", "--json", "--duration", "2s", "--stats", "-q"
    )
    title, *rows = ended.err.splitlines()
    assert re.split(r"  +", title)[:9] == [
        *("subscription", "state", "records", "rate", "age", "latency", "ack after", "gaps", "verified"),
    ]
    assert [row.split()[:3] for row in rows] == [["book", "BTC/USD", "live"], ["book", "ETH/USD", "live"]]
    printed = sum(record["symbol"] == "BTC/USD" for record in ended.records)
    assert re.search(rf"live +{printed} ", rows[0])


def test_who_falls_mute_among_others_is_subscribed_to_again(program: Program) -> None:
    """Time is hurried; a minute lasts three seconds."""
    renewed: list[tuple[str, list[str]]] = []

    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        for number in range(1, 41):
            peer.send(message("trade", trade(number)), message("trade", trade(number, "ETH/USD")))
            time.sleep(0.02)
        for number in range(41, 10_000):
            peer.send(message("trade", trade(number, "ETH/USD")))
            time.sleep(0.02)
            if peer.wants_to_talk():
                break
        for _ in range(2):
            asked = peer.receive()
            renewed.append((asked["method"], asked["params"]["symbol"]))
            answer = {"method": asked["method"], "req_id": asked["req_id"], "success": True,
                      "result": {"channel": "trade", "symbol": "BTC/USD"}}  # fmt: skip
            peer.send(json.dumps(answer))
        peer.send(message("trade", trade(40), trade(41), type_="snapshot"))
        peer.hang()

    with Server(script) as server:
        options = ("--url", server.url, "--events", "--json")
        running = program.hurried(0.05, "trade", "BTC/USD", "ETH/USD", *options)
        seen: list[dict[str, Any]] = []
        while not (seen and seen[-1].get("trade_id") == "41" and seen[-1]["symbol"] == "BTC/USD"):
            seen.append(running.record())
        ended = program.interrupt(running)
    (stall,) = [one for one in seen if one["type"] == "stall"]
    assert (stall["symbol"], stall["remedy"]) == ("BTC/USD", "subscribing again")
    assert re.fullmatch(r"silent for 6\d s, while the others go on", stall["reason"])
    assert renewed == [("unsubscribe", ["BTC/USD"]), ("subscribe", ["BTC/USD"])]
    assert [one["trade_id"] for one in seen if one.get("symbol") == "BTC/USD" and "price" in one] == [
        str(number) for number in range(1, 42)
    ]
    assert "BTC/USD: trade was silent" in ended.err
