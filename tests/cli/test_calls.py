"""Private calls of whole programs: the key's counter, the right that is missing, many programs at once."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from krakencli.cli.exchange import Exchange
from krakencli.clock import Clock
from krakencli.config import Endpoints
from krakencli.credentials import Credentials
from krakencli.sandbox import Sandbox, Settings

from .program import Ended, Program
from .server import Peer, Server

KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}
TOKEN = {"error": [], "result": {"token": "TOKENtokenTOKENtoken", "expires": 900}}


def asked(program: Program, *answers: dict[str, Any], more: tuple[str, ...] = ()) -> Ended:
    """What `token` says to an exchange that gives these answers, the last one for ever."""

    def rest(peer: Peer) -> None:
        peer.answer(answers[min(peer.server.peers.index(peer), len(answers) - 1)])

    with Server(Peer.hang, rest=rest) as server:
        return program.run("token", *more, env={**KEYS, "KRAKEN_SPOT_URL": server.rest})


def test_a_full_counter_is_waited_for_and_said(program: Program) -> None:
    ended = asked(program, {"error": ["EAPI:Rate limit exceeded"]}, TOKEN)
    assert (ended.status, ended.out) == (0, "TOKENtokenTOKENtoken\n")
    assert ended.error == "kraken-stream: waiting 5 s: the exchange says that the key's call counter is full"
    assert ended.seconds > 5


def test_calls_are_counted_by_the_program_s_own_seconds() -> None:
    now, said = 1000.0, list[str]()
    with Server(Peer.hang, rest=lambda peer: peer.answer({"error": [], "result": {}})) as server:
        credentials = Credentials(KEYS["KRAKEN_API_KEY"], KEYS["KRAKEN_API_SECRET"], tier="starter")
        clock = Clock(wall=lambda: now, unit=0.01)
        found = Exchange(Endpoints(server.url, server.rest), None, lambda: credentials, str, clock=clock)
        with found.client(said.append) as client:
            for _ in range(15):
                client.private("Balance", credentials)
            now += 0.3  # thirty of its seconds, which take ten calls away
            for _ in range(9):
                client.private("Balance", credentials)
            assert said == []
            began = time.monotonic()
            client.private("TradesHistory", credentials)
    assert said == ["waiting 4 s: the key's call counter is full"]
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wait_can_be_ended_at_once(program: Program, number: int) -> None:
    full = {"error": ["EAPI:Rate limit exceeded"]}
    with Server(Peer.hang, rest=lambda peer: peer.answer(full)) as server:
        running = program.start("token", env={**KEYS, "KRAKEN_SPOT_URL": server.rest})
        running.says("waiting 5 s")
        ended = program.interrupt(running, number)
    assert ended.status == 128 + number
    assert ended.seconds < 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("EGeneral:Permission denied", "give the key the right 'WebSocket interface – On'"),  # noqa: RUF001
        ("EGeneral:Temporary lockout", "wait a few minutes without calling"),
        ("EAPI:Invalid signature", "check KRAKEN_API_SECRET, or where else"),
        ("EAPI:Invalid key", "check KRAKEN_API_KEY, or where else"),
    ],
)
def test_a_key_that_is_refused(program: Program, error: str, words: str) -> None:
    ended = asked(program, {"error": [error]})
    assert (ended.status, ended.out) == (77, "")
    assert f"GetWebSocketsToken was refused: {error}" in ended.error
    assert words in ended.error
    as_json = json.loads(asked(program, {"error": [error]}, more=("--json",)).error)
    assert (as_json["error"], words in as_json["suggestion"]) == ("auth", True)


@pytest.mark.parametrize("rounds", [3])
def test_eight_programs_at_once_with_one_key_never_use_a_nonce_twice(
    program: Program, tmp_path: Path, rounds: int
) -> None:
    log = tmp_path / "log"
    with Sandbox(Settings(rate=0, log=log, second=0.02)) as exchange:
        env = {
            "KRAKEN_SPOT_URL": exchange.addresses.rest,
            "KRAKEN_API_KEY": exchange.api_key,
            "KRAKEN_API_SECRET": exchange.api_secret,
        }
        with ThreadPoolExecutor(8) as pool:
            ends = list(pool.map(lambda _: program.run("token", env=env), range(8 * rounds)))
    assert {(ended.status, ended.err) for ended in ends} == {(0, "")}
    assert len({ended.out for ended in ends}) == 8 * rounds
    calls = [record for record in map(json.loads, log.read_text().splitlines()) if record["what"] == "rest"]
    assert [record["error"] for record in calls] == [None] * 8 * rounds
