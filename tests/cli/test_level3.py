"""`level3`: its host, its token from everywhere a token may come from, and that nobody sees it."""

import json
from pathlib import Path
from zlib import crc32

import pytest

from krakencli.sandbox import Sandbox, Settings

from .program import Program
from .server import Peer, Server, message

TOKEN = "TOKENtokenTOKENtokenTOKENtokenTOKENtokenTOK"
ITEM = '{"symbol":"BTC/USD","checksum":0,"bids":[],"asks":[]}'
KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}


def level3(peer: Peer) -> None:
    peer.greet()
    peer.grant()
    peer.send(message("level3", ITEM).replace('"update"', '"snapshot"'))
    peer.hang()


def asked(program: Program, *more: str, **env: str) -> tuple[str, str]:
    """The token of the subscription, and all that the program said."""
    with Server(level3) as server:
        ended = program.run("level3", "BTC/USD", "--url", server.url, "-n", "1", "-vv", *more, env=env)
        assert ended.status == 0, ended.err
        request = server.peers[0].requests[0]
    assert (request["method"], request["params"]["channel"]) == ("subscribe", "level3")
    return request["params"]["token"], ended.out + ended.err


SHORN = (
    '{"symbol":"BTC/USD","checksum":CRC,"bids":[{"order_id":"B","limit_price":99,"order_qty":0.5}],'
    '"asks":[{"order_id":"A","limit_price":101.5,"order_qty":2}]}'
).replace("CRC", str(crc32(b"1015" + b"200000000" + b"990" + b"50000000")))
"""A snapshot whose numbers have lost their zeros."""
PAIR = {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "status": "online",
        "pair_decimals": 1, "lot_decimals": 8}  # fmt: skip


@pytest.mark.parametrize(
    "rest", [{"error": [], "result": {"XXBTZUSD": PAIR}}, {"error": ["EService:Unavailable"]}]
)
def test_lost_zeros_are_put_back_by_the_pairs_precision_from_rest(
    program: Program, rest: dict[str, object]
) -> None:
    """The host of level3 serves no instrument."""

    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("level3", SHORN).replace('"update"', '"snapshot"'))
        peer.hang()

    with Server(script, rest=lambda peer: peer.answer(rest)) as server:
        env = {"KRAKEN_WS_TOKEN": TOKEN, "KRAKEN_WS_L3_URL": server.url, "KRAKEN_SPOT_URL": server.rest}
        arguments = ["level3", "BTC/USD", "-n", "1", "--events", "--max-resyncs", "0"]
        ended = program.run(*arguments, env=env)
    if rest["error"]:
        assert ended.status == 65
        assert "cannot be trusted" in ended.error
        return
    assert (ended.status, ended.err) == (0, "")
    (figures,) = ended.records[-1]["subscriptions"]
    assert (figures["verified"], figures["padded"], figures["failed"]) == ("1", "1", "0")
    assert ended.lines[2].endswith(SHORN[1:])


@pytest.mark.parametrize("format_", ["jsonl", "csv", "raw", "table"])
def test_a_token_from_the_environment_is_sent_and_never_shown(program: Program, format_: str) -> None:
    token, said = asked(program, "-f", format_, KRAKEN_WS_TOKEN=f" {TOKEN}\n")
    assert token == TOKEN
    assert TOKEN not in said
    assert '"token":"***"' in said


def test_a_file_goes_before_the_environment(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    token, said = asked(program, "--token-file", str(file), KRAKEN_WS_TOKEN="another")
    assert token == TOKEN
    assert TOKEN not in said


def test_each_connection_gets_a_token_of_its_own_over_rest(program: Program) -> None:
    given = iter(f"{number}{TOKEN}" for number in range(9))

    def rest(peer: Peer) -> None:
        peer.answer({"error": [], "result": {"token": next(given), "expires": 900}})

    def twice(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("level3", ITEM).replace('"update"', '"snapshot"'))
        if len([p for p in server.peers if p.requests]) < 2:
            peer.cut()
        peer.hang()

    with Server(twice, rest=rest) as server:
        ended = program.run(
            "level3", "BTC/USD", "-n", "2", "--json", "-vv",
            env={**KEYS, "KRAKEN_WS_L3_URL": server.url, "KRAKEN_SPOT_URL": server.rest},
        )  # fmt: skip
        tokens = [peer.requests[0]["params"]["token"] for peer in server.peers if peer.requests]
    assert ended.status == 0
    assert tokens == [f"0{TOKEN}", f"1{TOKEN}"]
    assert TOKEN not in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "env", "status", "words"),
    [
        ([], {}, 78, "KRAKEN_API_KEY and KRAKEN_API_SECRET are not set"),
        (["--url", "ws://127.0.0.1:1/v2"], KEYS, 2, "--token-file or KRAKEN_WS_TOKEN"),
        (["--token-file", "/nowhere/token"], {}, 78, "no such file"),
        (["--token-file", "/dev/null"], {}, 78, "holds no token"),
        ([], {"KRAKEN_WS_TOKEN": "two words"}, 78, "KRAKEN_WS_TOKEN holds no token"),
        (["--url", "ws://far.example/v2", "--insecure-plaintext"], {}, 2, "would show the token"),
    ],
)
def test_without_a_token_it_says_what_to_do(
    program: Program, arguments: list[str], env: dict[str, str], status: int, words: str
) -> None:
    ended = program.run("level3", "BTC/USD", *arguments, env=env)
    assert ended.status == status
    assert words in ended.error
    assert "two words" not in ended.error


def test_a_key_that_rest_refuses_ends_with_77(program: Program) -> None:
    with Server(level3, rest=lambda peer: peer.answer({"error": ["EAPI:Invalid key"]})) as server:
        env = {**KEYS, "KRAKEN_WS_L3_URL": server.url, "KRAKEN_SPOT_URL": server.rest}
        ended = program.run("level3", "BTC/USD", env=env)
        assert all(not peer.requests for peer in server.peers)
    assert ended.status == 77
    assert "Invalid key" in ended.error


def test_a_token_that_is_refused_is_renewed_once(program: Program) -> None:
    with Sandbox(Settings(symbols=("BTC/USD",), keep_log=True)) as exchange:
        url = exchange.addresses.ws_l3
        ended = program.run("level3", "BTC/USD", "--url", url, env={"KRAKEN_WS_TOKEN": TOKEN})
        opened = [entry for entry in exchange.entries if entry["what"] == "open"]
    assert ended.status == 77
    assert ended.err.splitlines()[-1].startswith("kraken-stream: the exchange refused the token: ")
    assert len(opened) == 2
    assert TOKEN not in ended.err


def test_the_demo_exchange_is_never_shown_a_real_token(program: Program, sandbox: dict[str, str]) -> None:
    where = ["--sandbox-url", sandbox["rest"]]
    ended = program.run(
        "level3", "BTC/USD", *where, "-n", "3", "--json", env={"KRAKEN_WS_TOKEN": TOKEN, **KEYS}
    )
    assert (ended.status, ended.err) == (0, "")
    assert [json.loads(line)["channel"] for line in ended.lines] == ["level3"] * 3
