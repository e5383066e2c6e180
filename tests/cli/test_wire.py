"""Against a scripted exchange: what it sends comes out as it came; what goes wrong is survived or named."""

import csv
import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from breadth import thinned

from .certificates import Authority
from .program import Program, decoded
from .server import Peer, Server, framed, message, streams, trade

NUMBERS = ("0.00000012", "64000.10", "1E-8", "12345678901234567890", "0.10000000", "-0.0", "1e+2")


@pytest.mark.parametrize("number", thinned(NUMBERS, 4))
def test_digits_leave_as_they_came(program: Program, number: str) -> None:
    frame = message("trade", trade(1, price=number, qty=number))
    with Server(streams(frame, frame)) as server:
        as_json = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1")
        as_csv = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1", "-f", "csv")
    assert f'"price":{number},"qty":{number},' in as_json.out
    assert csv_row(as_csv.lines)["price"] == csv_row(as_csv.lines)["qty"] == number
    assert as_csv.lines[1].startswith(f"BTC/USD,buy,{number},{number},")


def csv_row(lines: list[str]) -> dict[str, str]:
    (row,) = csv.DictReader(lines)
    return row


def test_a_field_that_nobody_knows_yet_passes_through(program: Program) -> None:
    item = trade(1)[:-1] + ',"news":{"of":["2027", 1.50 ]},"größe":"ü€\\u001b"}'
    frame = message("trade", item)
    with Server(streams(frame)) as server:
        as_json = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1")
        as_csv = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1", "-f", "csv")
        raw = program.start("trade", "BTC/USD", "--url", server.url, "-f", "raw")
        while (line := raw.line()) != frame:
            assert "channel" in line
    assert as_json.out == '{"channel":"trade","type":"update",' + item[1:] + "\n"
    assert csv_row(as_csv.lines)["trade_id"] == "1"


def test_channels_and_methods_that_nobody_knows_are_left_alone(program: Program) -> None:
    strange = (
        '{"channel":"weather","type":"update","data":[{"rain":true}]}',
        '{"channel":"moon","phase":3}',
        '{"method":"dance","success":true,"req_id":99}',
    )
    with Server(streams(*strange, message("trade", trade(1)))) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1")
    assert (ended.status, ended.err, len(ended.lines)) == (0, "", 1)


def test_a_count_ends_within_a_frame(program: Program) -> None:
    with Server(streams(message("trade", *map(trade, range(5))))) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "3")
    assert [record["trade_id"] for record in ended.records] == ["0", "1", "2"]
    assert ended.status == 0


def test_a_snapshot_of_two_megabytes_and_fragments(program: Program) -> None:
    large = message("trade", *map(trade, range(20000)))
    assert len(large) > 2 << 20
    small = message("trade", trade(20000)).encode()

    def then(peer: Peer) -> None:
        first = bytearray(framed(small[:50]))
        first[0] &= 0x7F
        peer.send_bytes(bytes(first) + framed(b"ping", 9) + framed(small[50:], 0))
        peer.hang()

    with Server(streams(large, then=then)) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "20001")
    assert [int(record["trade_id"]) for record in ended.records] == list(range(20001))


def test_spread_is_silent_while_only_time_passes(program: Program) -> None:
    def ticker(bid: str, last: str, second: int) -> str:
        figures = f'"bid":{bid},"bid_qty":1.10,"ask":64001.0,"ask_qty":2.00,"last":{last}'
        time = f"2026-11-22T17:00:{second:02}.000000Z"
        return message("ticker", f'{{"symbol":"BTC/USD",{figures},"timestamp":"{time}"}}')

    moves = [ticker("64000.10", str(second), second) for second in range(5)]
    with Server(streams(*moves, ticker("64000.20", "5", 5))) as server:
        ended = program.run("spread", "BTC/USD", "--url", server.url, "-n", "2")
        (peer,) = server.peers
    assert peer.requests[0]["params"]["event_trigger"] == "bbo"
    assert [(record["bid"], record["timestamp"][17:19]) for record in ended.records] == [
        ("64000.10", "00"),
        ("64000.20", "05"),
    ]


GARBAGE = ("hello, I am a chat server", "[1,2,3]", '{"foo":', "\x1b[2Jboo", "{}")


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_server_that_sends_only_garbage_is_named(program: Program, garbage: str) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(garbage)
        peer.hang()

    with Server(script) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url)
    assert ended.status == 76
    assert ended.out == ""
    assert server.url in ended.error
    assert garbage.strip("\x1b")[:10] in ended.error
    assert ended.error.isprintable()


def test_text_that_is_not_utf_8_is_garbage(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send_bytes(framed(b'{"channel":"status","type":"\xff\xfe"}'))
        peer.hang()

    with Server(script) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url)
    assert ended.status == 76
    assert "UTF-8" in ended.error


@pytest.mark.parametrize("format_", ["jsonl", "csv", "table"])
def test_a_known_record_that_cannot_be_decoded_is_named(program: Program, format_: str) -> None:
    with Server(streams(message("trade", trade(1), '{"symbol":17}'))) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-f", format_)
    assert ended.status == 76
    assert "trade" in ended.error
    assert "newer kraken-stream" in ended.error


def test_garbage_between_records_renews_the_connection(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("trade", trade(peer.number)))
        if peer.number == 1:
            peer.send("what is this?")
        peer.hang()

    with Server(script) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "2")
    assert [record["trade_id"] for record in ended.records] == ["1", "2"]
    assert ended.status == 0
    assert "what is this?" in ended.err.splitlines()[0]


def test_no_websocket(program: Program) -> None:
    def web_page(peer: Peer) -> None:
        peer.answer(b"<html>welcome</html>")

    with Server(web_page) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url)
    assert ended.status == 69
    assert server.url in ended.error
    assert "HTTP 200" in ended.error


def test_another_protocol_altogether(program: Program) -> None:
    def ssh(peer: Peer) -> None:
        peer.send_bytes(b"SSH-2.0-OpenSSH_9.6\r\n")
        peer.hang()

    with Server(ssh, raw=True) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url)
    assert ended.status == 69
    assert server.url in ended.error


def test_a_refused_connection(program: Program) -> None:
    with Server(Peer.hang) as server:
        server.stop_listening()
        ended = program.run("ticker", "BTC/USD", "--url", server.url)
        at_once = program.run("ticker", "BTC/USD", "--url", server.url, "--retry", "0")
    assert ended.status == at_once.status == 69
    assert "connection refused" in ended.error
    assert "3 tries" in ended.error
    assert "tries" not in at_once.error


def test_a_certificate_is_trusted_only_when_its_authority_is(program: Program, tmp_path: Path) -> None:
    mine, other = Authority(tmp_path / "mine"), Authority(tmp_path / "other")
    with Server(streams(message("trade", trade(1))), context=mine.server()) as server:
        line = ("trade", "BTC/USD", "--url", server.url, "-n", "1")
        good = program.run(*line, "--ca-file", str(mine.ca_file))
        by_environment = program.run(*line, env={"SSL_CERT_FILE": str(mine.ca_file)})
        wrong = program.run(*line, "--ca-file", str(other.ca_file))
    assert (good.status, good.err) == (by_environment.status, by_environment.err) == (0, "")
    assert (wrong.status, wrong.out) == (69, "")
    assert "certificate" in wrong.error
    assert "--ca-file" in wrong.error


def test_a_certificate_for_another_address_is_refused(program: Program, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    with Server(Peer.hang, context=authority.server("127.0.0.2")) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url, "--ca-file", str(authority.ca_file))
    assert ended.status == 69
    assert "certificate" in ended.error


def test_a_drop_in_mid_stream_is_told_once_and_mended(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        first = (peer.number - 1) * 10
        peer.send(*(message("book", book(number)) for number in range(first, first + 10)))
        if peer.number < 3:
            peer.cut()
        peer.hang()

    def book(number: int) -> str:
        return f'{{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":{number}}}'

    with Server(script) as server:
        ended = program.run("book", "BTC/USD", "--no-verify", "--url", server.url, "-n", "25", "--events")
        asked = [peer.requests[0]["params"] for peer in server.peers]
    assert asked == [asked[0]] * 3
    assert ended.status == 0
    kinds = [f"{r['channel']}:{r['type']}" for r in ended.records]
    once = ["_feed:connected", "_feed:subscribed", *["book:update"] * 10]
    broken = ["_feed:disconnected", "_feed:reconnecting"]
    resumed = [*once[:2], "_feed:gap", *once[2:]]
    assert kinds == [*once, *broken, *resumed, *broken, *resumed[:8], "_feed:end"]
    (figures,) = ended.records[-1]["subscriptions"]
    assert figures["gaps"] == "2"
    numbers = [r["checksum"] for r in ended.records if r["channel"] == "book"]
    assert numbers == [str(number) for number in range(25)]
    connections = [r["connection"] for r in ended.records if r["type"] == "connected"]
    assert connections == ["1", "2", "3"]
    _, lost, again, lost_again, again_again = ended.err.splitlines()
    assert lost.startswith("kraken-stream: connection lost: ")
    assert lost_again.startswith("kraken-stream: connection lost: ")
    assert again == again_again == "kraken-stream: connected again"


@pytest.mark.parametrize(("more", "connections"), [([], 10), (["--per-connection", "1000"], 1)])
def test_a_thousand_symbols_in_few_requests(program: Program, more: list[str], connections: int) -> None:
    symbols = [f"S{number:04}/USD" for number in range(1000)]
    granted: list[str] = []
    lock, complete = threading.Lock(), threading.Event()

    def script(peer: Peer) -> None:
        peer.greet()
        mine: list[str] = []
        while len(mine) < len(symbols) // connections:
            mine += peer.grant()
        with lock:
            granted.extend(mine)
        if len(granted) == len(symbols):
            complete.set()
        assert complete.wait(20)
        peer.send(*(message("ticker", f'{{"symbol":"{symbol}","last":1.0}}') for symbol in mine))
        peer.hang()

    with Server(script) as server:
        ended = program.run("ticker", *symbols, "--url", server.url, "--events", "-n", "1000", *more)
        requests = [asked for peer in server.peers for asked in peer.requests]
        assert len(server.peers) == connections
    assert (ended.status, ended.err) == (0, "")
    assert len(requests) <= 10
    assert sorted(symbol for asked in requests for symbol in asked["params"]["symbol"]) == symbols
    kinds = Counter(record["type"] for record in ended.records)
    assert kinds == {"connected": connections, "subscribed": 1000, "update": 1000, "end": 1}
    assert sorted(r["symbol"] for r in ended.records if r["channel"] == "ticker") == symbols
    assert {s["records"] for s in ended.records[-1]["subscriptions"]} == {"1"}
    numbers = {r["connection"] for r in ended.records if r["type"] == "subscribed"}
    assert numbers == {str(number) for number in range(1, connections + 1)}


def test_frames_are_shown_at_vv_and_requests_at_v(program: Program) -> None:
    frame = message("trade", trade(1))
    with Server(streams(frame)) as server:
        some = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1", "-v")
        all_of_it = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1", "-vv")
    (asked,) = some.err.splitlines()
    assert json.loads(asked.removeprefix("> "))["method"] == "subscribe"
    assert f"< {frame}" in all_of_it.err.splitlines()
    assert decoded(all_of_it.lines) == decoded(some.lines)


def test_strict_ends_at_the_first_gap(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("ticker", f'{{"symbol":"BTC/USD","last":{peer.number}}}'))
        peer.cut()

    with Server(script) as server:
        ended = program.run("ticker", "BTC/USD", "--url", server.url, "--strict", "--events", "--json")
    assert ended.status == 65
    data = [record["last"] for record in ended.records if record["channel"] == "ticker"]
    assert data == ["1"]
    gap, end = ended.records[-2:]
    assert (gap["type"], gap["symbol"]) == ("gap", "BTC/USD")
    assert (end["type"], end["reason"], end["subscriptions"][0]["gaps"]) == ("end", "untrusted", "1")
    error = json.loads(ended.err.splitlines()[-1])
    assert (error["error"], error["retryable"]) == ("untrusted", True)
    assert error["message"] == f"ticker BTC/USD was not heard from {gap['from']} to {gap['to']}"
