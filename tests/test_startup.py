"""What the start of the program loads: nothing heavy before a command needs it.

Asked of the running interpreter, in a process of its own; how long it takes is for tests/benchmarks.
"""

import json
import os
import subprocess
import sys

import pytest

from krakencli.channels import CHANNELS
from krakencli.cli.app import TOOLS

HEAVY = {
    "websocket",
    "requests",
    "rich",
    "filelock",
    "tomlkit",
    "keyring",
    "aiohttp",
    "cryptography",
    "ssl",
    "asyncio",
}
PROGRAM = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write("\\n" + json.dumps(sorted(sys.modules))))
sys.argv = ["kraken-stream", *sys.argv[1:]]
from krakencli.__main__ import main
main()
"""


def loaded(*arguments: str, **environ: str) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """The modules that a run had loaded when it ended, and the run."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return set(json.loads(run.stderr.splitlines()[-1])), run


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("--version", "kraken-stream "),
        ("--help", "Commands:"),
        *((f"{command} --help", f"Usage: kraken-stream {command}") for command in (*CHANNELS, *TOOLS)),
        *((f"completion {shell}", "_KRAKEN_STREAM_COMPLETE") for shell in ("bash", "zsh", "fish")),
    ],
)
def test_nothing_heavy_is_loaded_for(line: str, shown: str) -> None:
    modules, run = loaded(*line.split())
    assert shown in run.stdout
    assert run.returncode == 0
    assert modules & HEAVY == set()


@pytest.mark.parametrize("line", ["tick", "ticker --nonsense", "book BTC/USD -d 42", "ohlc"])
def test_a_mistake_loads_only_what_words_it(line: str) -> None:
    modules, run = loaded(*line.split())
    assert run.returncode == 2
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("kraken-stream ", "ticker"),
        ("kraken-stream ohlc --i", "--interval"),
        ("kraken-stream ohlc -i 1", "1440"),
        ("kraken-stream ticker BTC", ""),
    ],
)
def test_completing_loads_nothing_heavy(words: str, wanted: str) -> None:
    modules, run = loaded(
        _KRAKEN_STREAM_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
    )
    assert wanted in run.stdout
    assert modules & HEAVY == set()


def test_the_test_sees_what_is_loaded() -> None:
    """The other way round: a command that does stream loads the WebSocket library."""
    modules, run = loaded("ticker", "BTC/USD", "--url", "ws://127.0.0.1:1/v2", "--retry", "0")
    assert run.returncode == 69
    assert {"websocket", "msgspec"} <= modules
