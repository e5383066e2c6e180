"""What goes wrong is one line on stderr and the right exit status, never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from .kit import Shims
from .program import Ended, Program
from .server import Peer, Server, message, streams, trade

Addresses = dict[str, str]
KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}


def failed(ended: Ended, status: int, *words: str) -> str:
    """The line, once it is seen that all is as it must be."""
    assert ended.status == status, ended
    line = ended.error
    assert line.isprintable()
    assert "Traceback" not in line
    for word in words:
        assert word in line
    return line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ticker", ["needs at least one symbol", "BTC/USD"]),
        ("book BTC/USD -d 42", ["42", "10, 25, 100, 500, 1000"]),
        ("ohlc BTC/USD -i 7", ["7", "1, 5, 15, 30, 60, 240, 1440, 10080, 21600"]),
        ("ticker BTC/USD --event-trigger moon", ["moon", "trades, bbo"]),
        ("ticker BTC/USD --url ws://example.com/v2", ["not encrypted", "wss://"]),
        ("ticker BTC/USD --url wss://ws.kraken.com", ["v1", "/v2"]),
        ("ticker BTC/USD --url ws://127.0.0.1:1/", ["v1", "ws://127.0.0.1:1/v2"]),
        ("ticker BTC/USD --url http://127.0.0.1/v2", ["no WebSocket address"]),
        ("ticker BTC/USD --url wss://[::1/v2", ["no address"]),
        ("ticker BTC/USD --url wss://h:99999/v2", ["no address"]),
        ("ticker BTC/USD --sandbox --url ws://127.0.0.1:1/v2", ["exclude one another"]),
        ("ticker BTC/USD --sandbox-url http://example.com", ["not encrypted"]),
        ("ticker BTC/USD -f csv --events", ["--events", "jsonl"]),
        ("ticker BTC/USD -f raw --events", ["--events", "jsonl"]),
        ("ticker BTC/USD -f csv --json", ["--json", "csv"]),
        ("ticker BTC/USD -f xml", ["xml", "jsonl"]),
        ("ohlc BTC/USD --closed -f raw", ["--closed"]),
        ("book BTC/USD --emit queue", ["queue", "delta, top, book"]),
        ("book BTC/USD --emit top -f raw", ["--emit top", "-f raw"]),
        ("book BTC/USD --resnapshot 1m -f raw", ["--resnapshot", "-f raw"]),
        ("book BTC/USD --every 1s -f raw", ["--every", "-f raw"]),
        ("book BTC/USD --levels 5 -f raw", ["--levels", "-f raw"]),
        ("book BTC/USD --no-snapshot --no-verify --resnapshot 1m", ["--no-snapshot", "alone"]),
        ("book BTC/USD --every 1s --json", ["--every", "--emit book"]),
        ("level3 BTC/USD --every 1s --json", ["--every", "--emit queue"]),
        ("book BTC/USD --levels 3 --json", ["--levels", "--emit book"]),
        ("level3 BTC/USD --levels 3 --json", ["--levels", "--emit queue"]),
        ("book BTC/USD --levels 11 --emit book", ["--levels 11", "--depth 10"]),
        ("book BTC/USD --levels 0", ["--levels"]),
        ("book BTC/USD --every never", ["never", "30s"]),
        ("book BTC/USD --no-snapshot", ["--no-snapshot", "--no-verify"]),
        ("book BTC/USD --no-snapshot --no-verify --emit top", ["--no-snapshot", "cannot be"]),
        ("level3 BTC/USD -d 25", ["25", "10, 100, 1000"]),
        ("ticker BTC/USD -n 0", ["-n"]),
        ("ticker BTC/USD -n many", ["many"]),
        ("ticker BTC/USD --duration soon", ["soon", "30s"]),
        ("ticker BTC/USD --retry often", ["often", "forever"]),
        ("ticker BTC/USD --nonsense", ["--nonsense", "--help"]),
        ("tickr BTC/USD", ["tickr", "ticker"]),
        ("ticker btcusd --url ws://127.0.0.1:1/v2", ["BTC/USD"]),
        ("ticker --all --url ws://127.0.0.1:1/v2", ["KRAKEN_SPOT_URL"]),
        ("completion tcsh", ["tcsh", "bash"]),
        ("sandbox --symbols NO/SUCH", ["NO/SUCH"]),
        ("sandbox --port 99999", ["99999"]),
        ("pairs --sandbox-url nonsense", ["https://HOST"]),
    ],
)
def test_what_was_typed_cannot_be_done(program: Program, line: str, words: list[str]) -> None:
    ended = program.run(*line.split())
    failed(ended, 2, *words)
    assert ended.out == ""


@pytest.mark.parametrize("symbol", ["", "  ", "BTC\nUSD", "\x1b[31m"])
def test_a_symbol_that_is_none(program: Program, symbol: str) -> None:
    failed(program.run("ticker", symbol, "--url", "ws://127.0.0.1:1/v2"), 2, "is no symbol", "BTC/USD")


def test_nothing_typed_shows_the_help(program: Program) -> None:
    ended = program.run()
    assert ended.status == 2
    assert "Commands:" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    "line", ["ticker BTC/USD --sandbox", "token --sandbox", "pairs --sandbox", "sandbox"]
)
@pytest.mark.parametrize("lacking", ["aiohttp", "cryptography"])
def test_a_sandbox_without_its_extra(program: Program, shims: Shims, line: str, lacking: str) -> None:
    shims.missing(lacking)
    failed(program.run(*line.split(), env=shims.environ), 2, "pip install 'kraken-stream[sandbox]'")


def test_a_file_of_certificates_that_cannot_be_used(
    program: Program, tmp_path: Path, sandbox: Addresses
) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    for path in (tmp_path / "missing.pem", empty, tmp_path):
        ended = program.run("ticker", "BTC/USD", "--url", "wss://127.0.0.1:1/v2", "--ca-file", str(path))
        failed(ended, 2, str(path))


def test_a_symbol_that_the_exchange_refuses(program: Program, sandbox: Addresses) -> None:
    ended = program.run("ticker", "BTC/USDD", "--sandbox-url", sandbox["rest"])
    failed(ended, 64, "BTC/USDD", "did you mean BTC/USD")
    assert ended.out == ""


def test_a_symbol_that_the_exchange_refuses_where_there_is_no_list(
    program: Program, sandbox: Addresses
) -> None:
    line = failed(program.run("ticker", "BTC/USDD", "--url", sandbox["ws_public"]), 64, "BTC/USDD")
    assert "did you mean" not in line


def test_a_symbol_that_the_list_does_not_have(program: Program, sandbox: Addresses) -> None:
    failed(
        program.run("ticker", "btcusdd", "--sandbox-url", sandbox["rest"]),
        64,
        "'btcusdd'",
        "did you mean BTC/USD",
    )
    failed(program.run("pairs", "qqqqqq", "--sandbox-url", sandbox["rest"]), 64, "'qqqqqq'")
    failed(program.run("ticker", "*/QQQ", "--sandbox-url", sandbox["rest"]), 64, "'*/QQQ'")


def one_of_five(peer: Peer) -> None:
    """Grants all but one, and sends a record of the first before the refusal."""
    peer.greet()
    asked = peer.receive()
    *good, bad = asked["params"]["symbol"]

    def answer(symbol: str, **words: Any) -> str:
        return json.dumps({"method": "subscribe", "req_id": asked["req_id"], "symbol": symbol, **words})

    granted = [answer(symbol, success=True, result={"channel": "trade", "symbol": symbol}) for symbol in good]
    refused = answer(bad, success=False, error=f"Currency pair not supported {bad}")
    early = message("trade", trade(1, good[0]))
    peer.send(
        *granted[:1], early, *granted[1:], refused, *(message("trade", trade(2, symbol)) for symbol in good)
    )
    peer.hang()


FIVE = ("BTC/USD", "ETH/USD", "SOL/USD", "ADA/USD", "NO/SUCH")


def test_one_refusal_among_five_ends_the_stream(program: Program) -> None:
    with Server(one_of_five) as server:
        ended = program.run("trade", *FIVE, "--url", server.url)
    failed(ended, 64, "NO/SUCH: Currency pair not supported NO/SUCH", "--keep-going")
    assert ended.records[0]["trade_id"] == "1"


def test_a_refusal_wins_over_a_count_that_is_reached(program: Program) -> None:
    with Server(one_of_five) as server:
        ended = program.run("trade", *FIVE, "--url", server.url, "-n", "5")
    failed(ended, 64)
    assert len(ended.lines) == 5


def test_with_keep_going_the_other_four_go_on(program: Program) -> None:
    with Server(one_of_five) as server:
        ended = program.run("trade", *FIVE, "--url", server.url, "-n", "5", "--keep-going", "--events")
    assert ended.status == 0
    assert "NO/SUCH" in ended.error
    assert "going on" in ended.error
    data = [record for record in ended.records if record["channel"] == "trade"]
    assert [record["symbol"] for record in data] == ["BTC/USD", *FIVE[:4]]
    (refusal,) = (record for record in ended.records if record["type"] == "rejected")
    assert (refusal["symbol"], refusal["reason"]) == ("NO/SUCH", "Currency pair not supported NO/SUCH")


def test_with_keep_going_and_nothing_left_it_ends(program: Program, sandbox: Addresses) -> None:
    failed(program.run("ticker", "NO/SUCH", "--url", sandbox["ws_public"], "--keep-going"), 64)


def test_events_end_with_the_reason_of_a_refusal(program: Program) -> None:
    with Server(one_of_five) as server:
        ended = program.run("trade", *FIVE, "--url", server.url, "--events")
    assert ended.status == 64
    end = ended.records[-1]
    assert (end["channel"], end["type"], end["reason"]) == ("_feed", "end", "rejected")


@pytest.mark.parametrize(
    ("line", "status", "code", "retryable"),
    [
        ("ticker --json", 2, "usage", False),
        ("ticker BTC/USD --url ws://127.0.0.1:{refused}/v2 --retry 0 --json", 69, "unreachable", True),
        ("ticker NO/SUCH --url {ws_public} -f jsonl", 64, "rejected", False),
        ("token --json", 78, "credentials", False),
        ("pairs qqqqqq --sandbox-url {rest} --json", 64, "rejected", False),
        ("ticker BTC/USD --json -n 0", 2, "usage", False),
        ("ticker BTC/USD -f jsonl --depth 3", 2, "usage", False),
        ("ticker BTC/USD --format=jsonl -i 3", 2, "usage", False),
        ("pairs -f jsonl one two", 2, "usage", False),
    ],
)
def test_errors_are_json_for_those_who_asked_for_json(
    program: Program, sandbox: Addresses, line: str, status: int, code: str, retryable: bool
) -> None:
    with Server(Peer.hang) as server:
        server.stop_listening()
        ended = program.run(*line.format(refused=server.port, **sandbox).split())
    error = json.loads(failed(ended, status))
    assert list(error) == ["error", "message", "retryable", "suggestion"]
    assert (error["error"], error["retryable"]) == (code, retryable)
    assert error["message"]


def test_keys_that_are_missing(program: Program, sandbox: Addresses) -> None:
    environ = {"KRAKEN_SPOT_URL": sandbox["rest"]}
    failed(program.run("token", env=environ), 78, "KRAKEN_API_KEY and KRAKEN_API_SECRET are not set")
    half = {**environ, "KRAKEN_API_KEY": KEYS["KRAKEN_API_KEY"], "KRAKEN_API_SECRET": " "}
    failed(program.run("token", env=half), 78, "KRAKEN_API_SECRET is not set")


def test_keys_that_are_wrong(program: Program, sandbox: Addresses) -> None:
    ended = program.run("token", env={"KRAKEN_SPOT_URL": sandbox["rest"], **KEYS})
    failed(ended, 77, "EAPI:Invalid key")
    assert ended.out == ""


@pytest.mark.parametrize("command", ["token", "pairs"])
def test_an_error_of_rest(program: Program, command: str) -> None:
    def rest(peer: Peer) -> None:
        peer.answer({"error": ["EGeneral:Invalid arguments"]})

    with Server(Peer.hang, rest=rest) as server:
        ended = program.run(command, env={"KRAKEN_SPOT_URL": server.rest, **KEYS})
    failed(ended, 70, "EGeneral:Invalid arguments")
    assert ended.out == ""


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[1]", b'{"error":[],"result":7}'])
def test_rest_that_is_no_rest(program: Program, body: bytes) -> None:
    def rest(peer: Peer) -> None:
        peer.answer(body)

    with Server(Peer.hang, rest=rest) as server:
        failed(program.run("pairs", env={"KRAKEN_SPOT_URL": server.rest}), 70)
        failed(program.run("ticker", "BTC/USD", "--sandbox-url", server.rest), 70, "no sandbox")


def test_no_rest_at_all(program: Program) -> None:
    with Server(Peer.hang) as server:
        server.stop_listening()
        failed(program.run("ticker", "BTC/USD", "--sandbox-url", server.rest), 69, "kraken-stream sandbox")


def test_a_port_that_is_taken(program: Program) -> None:
    with Server(Peer.hang) as server:
        failed(program.run("sandbox", "--port", str(server.port)), 69, "in use", "--port")


def test_a_proxy_that_refuses(program: Program) -> None:
    with Server(Peer.hang) as server:
        server.stop_listening()
        proxy = {"https_proxy": f"http://someone:hushhush@127.0.0.1:{server.port}"}
        line = ("ticker", "BTC/USD", "--url", "wss://example.invalid/v2", "--retry", "0")
        ended = program.run(*line, env=proxy)
    failed(ended, 69)
    assert "hushhush" not in ended.err


def test_quiet_still_says_why_it_failed(program: Program) -> None:
    with Server(streams(then=Peer.cut)) as server:
        server.stop_listening()
        failed(program.run("ticker", "BTC/USD", "-q", "--url", server.url, "--retry", "0"), 69)


def test_control_codes_of_the_network_do_not_reach_a_terminal(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        asked = peer.receive()
        words = {"success": False, "error": "\x1b[2J\nno\r", "symbol": "BTC/USD"}
        peer.send(json.dumps({"method": "subscribe", "req_id": asked["req_id"], **words}))
        peer.hang()

    with Server(script) as server:
        failed(program.run("ticker", "BTC/USD", "--url", server.url), 64)


@pytest.mark.parametrize("home", ["/dev/null/home", ""])
def test_a_home_that_cannot_be_used_stops_nobody(
    program: Program, sandbox: Addresses, home: str, tmp_path: Path
) -> None:
    environ = {"HOME": home, **dict.fromkeys((n for n in program.environ if n.startswith("XDG_")), home)}
    where = tmp_path / "where"
    where.mkdir()
    stream = program.run(
        "ticker", "btcusd", "--sandbox-url", sandbox["rest"], "-n", "1", env=environ, cwd=where
    )
    assert (stream.status, stream.err) == (0, "")
    token = program.run("token", "--sandbox-url", sandbox["rest"], env=environ, cwd=where)
    assert (token.status, token.err) == (0, "")
    assert list(where.iterdir()) == []


def test_a_log_that_cannot_be_written(program: Program) -> None:
    failed(program.run("sandbox", "--log", "/dev/null/log"), 2, "/dev/null/log", "not a directory")
