"""The README cannot drift: its tables are compared with the code, and its recipes are run.

A recipe is run as it stands, by bash, with a `kraken-stream` on the PATH that adds what ends it in time, and
with the environment pointing at an embedded exchange. A recipe without a check here fails, and the reverse.
"""

import configparser
import csv
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from krakencli.channels import CHANNELS
from krakencli.cli.app import TOOLS, Commands
from krakencli.cli.options import FORMATS, channel_options, stream_options
from krakencli.errors import ExitStatus
from krakencli.sandbox import Sandbox, Settings

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
SYMBOLS = ("BTC/USD", "ETH/USD", "SOL/USD", "BTC/EUR")


def section(title: str, text: str = README, level: str = "##") -> str:
    """What stands under a heading, up to the next of its kind."""
    match = re.search(
        rf"^{level} {re.escape(title)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert match is not None, f"the README has no section {title!r}"
    return match[1]


def rows(text: str) -> list[tuple[str, ...]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    return [row for row in cells[2:] if set("".join(row)) - {"-", "|"}]


def compare(shown: list[tuple[str, ...]], due: list[tuple[str, ...]]) -> None:
    """The failure holds the table that should stand there, to be copied."""
    assert shown == due, "the table should be:\n" + "\n".join(f"| {' | '.join(row)} |" for row in due)


def fences(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


# Tables


def option_row(option: click.Parameter) -> tuple[str, str]:
    assert isinstance(option, click.Option)
    names = (*option.opts, *option.secondary_opts)
    return ", ".join(f"`{name}`" for name in names), option.help or ""


def own_options() -> Iterator[tuple[str, str, str]]:
    """The options that belong to single commands; those with the same words are one row."""
    shared = {option_row(option) for option in stream_options()}
    groups: dict[tuple[str, str], list[str]] = {}
    for name, channel in CHANNELS.items():
        for option in channel_options(channel):
            if isinstance(option, click.Option):
                groups.setdefault(option_row(option), []).append(f"`{name}`")
    group = Commands("kraken-stream")
    for name in TOOLS:
        tool = group.get_command(click.Context(group), name)
        assert tool is not None
        parts = tool.commands if isinstance(tool, click.Group) else {}
        commands = {name: tool, **{f"{name} {part}": command for part, command in parts.items()}}
        for line, command in commands.items():
            for option in command.params:
                if isinstance(option, click.Option) and option_row(option) not in shared:
                    groups.setdefault(option_row(option), []).append(f"`{line}`")
    for (names, words), commands in groups.items():
        yield ", ".join(commands), names, words


def test_the_commands_are_those_of_the_program() -> None:
    summaries = {name: channel.summary for name, channel in CHANNELS.items()}
    summaries |= {name: words for name, (_, words) in TOOLS.items()}
    compare(rows(section("Commands")), [(f"`{name}`", words) for name, words in summaries.items()])


def test_the_options_of_every_stream_are_those_of_the_program() -> None:
    shared, _ = section("Options").split("These belong to")
    compare(rows(shared), [option_row(option) for option in stream_options()])


def test_the_options_of_single_commands_are_those_of_the_program() -> None:
    _, own = section("Options").split("These belong to")
    compare(rows(own), list(own_options()))


def test_the_formats_are_those_of_the_program() -> None:
    assert [name for name, _ in rows(section("Formats"))] == [f"`{name}`" for name in FORMATS]


def test_the_exit_statuses_are_those_of_the_program() -> None:
    assert [int(status) for status, _ in rows(section("Exit statuses"))] == sorted(ExitStatus)


def test_the_variables_are_those_that_the_program_reads() -> None:
    named = {name for row in rows(section("Environment")) for name in re.findall(r"`([A-Z0-9_]+)`", row[0])}
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (PROJECT / "krakencli").rglob("*.py")
        if "sandbox" not in path.parts
    )
    assert {name for name in named if name.startswith("KRAKEN_")} == set(re.findall(r'"(KRAKEN_\w+)"', code))
    indirect = {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}  # read by platformdirs
    assert {
        name for name in named - indirect if f'"{name}"' not in code and f'"{name.lower()}"' not in code
    } == set()


# The embedded exchange, and the shell that recipes are typed into


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sandbox]:
    with Sandbox(Settings(rate=2000.0, symbols=SYMBOLS)) as running:
        yield running


@dataclass
class Shell:
    """A directory to work in, with a `kraken-stream` that ends by the options given."""

    home: Path
    environ: dict[str, str]
    said: list[str] = field(default_factory=list)

    def run(self, script: str, ending: str = "", **environ: str) -> str:
        """What the script prints; it must succeed and say nothing on stderr."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=self.home,
            env={**self.environ, "ENDING": ending, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        self.said = done.stderr.splitlines()
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(exchange: Sandbox, tmp_path: Path) -> Shell:
    programs = tmp_path / "bin"
    programs.mkdir()
    _program(programs / "kraken-stream", f'exec {shlex.quote(sys.executable)} -m krakencli "$@" $ENDING')
    _program(programs / "notify-send", 'printf "%s\\n" "$1" >> notified')
    environ = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "KRAKEN_WS_PUBLIC_URL": exchange.addresses.ws_public,
        "KRAKEN_SPOT_URL": exchange.addresses.rest,
        "LC_ALL": "C.UTF-8",
    }
    return Shell(tmp_path, environ)


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


# Recipes

PRICE = r"\d+(\.\d+)?"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"
CHECKS: dict[str, Callable[[Shell, str], None]] = {}


def recipe(title: str) -> Callable[[Callable[[Shell, str], None]], None]:
    return lambda check: CHECKS.__setitem__(title, check)


def lines_like(pattern: str, output: str) -> list[str]:
    """The lines of the output, each of which has the form given."""
    lines = output.splitlines()
    assert [line for line in lines if not re.fullmatch(pattern, line)] == []
    return lines


@recipe("The last price")
def _last_price(shell: Shell, script: str) -> None:
    (line,) = lines_like(PRICE, shell.run(script))
    assert float(line) > 0


@recipe("One look at the book, and stop")
def _one_look(shell: Shell, script: str) -> None:
    (line,) = lines_like(rf"{PRICE} bid, {PRICE} ask", shell.run(script))
    bid, ask = (float(part.split()[0]) for part in line.split(", "))
    assert 0 < bid < ask


@recipe("The whole book, verified, once a second")
def _whole_book(shell: Shell, script: str) -> None:
    lines = lines_like(rf'\["{TIME}",{PRICE},{PRICE},\d+\]', shell.run(script, "-n 2"))
    assert len(lines) == 2
    assert all(bid < ask for _, bid, ask, _ in map(json.loads, lines))


@recipe("Is the book of each pair the exchange's?")
def _trusted(shell: Shell, script: str) -> None:
    lines = lines_like(r"\S+ \d+ of \d+ verified, 0 failed", shell.run(script, "-n 60"))
    assert [line.split()[0] for line in lines] == ["BTC/USD", "ETH/USD"]
    assert sum(int(line.split()[1]) for line in lines) == 60
    assert all(line.split()[1] == line.split()[3] for line in lines)


@recipe("The spread in basis points")
def _spread(shell: Shell, script: str) -> None:
    lines = lines_like(rf"{TIME} {PRICE}(e-\d+)?", shell.run(script, "-n 20"))
    assert len(lines) == 20
    assert all(0 < float(line.split()[1]) < 100 for line in lines)


@recipe("Candles to CSV")
def _candles(shell: Shell, script: str) -> None:
    assert shell.run(script, "--duration 1s") == ""
    with (shell.home / "candles.csv").open(newline="") as file:
        candles = list(csv.DictReader(file))
    assert {candle["symbol"] for candle in candles} == {"BTC/USD", "ETH/USD"}
    for candle in candles:
        low, high = Decimal(candle["low"]), Decimal(candle["high"])
        assert low <= Decimal(candle["open"]) <= high
        assert low <= Decimal(candle["close"]) <= high
        assert candle["interval"] == "5"


@recipe("Watch trades and keep them")
def _tee(shell: Shell, script: str) -> None:
    for kept in (20, 40):  # the file is added to
        shown = lines_like(rf"(buy|sell)\t{PRICE}(e-\d+)?\t{PRICE}", shell.run(script, "-n 20"))
        trades = [json.loads(line) for line in (shell.home / "trades.jsonl").read_text().splitlines()]
        assert len(trades) == kept
    expected = [(trade["side"], trade["qty"], trade["price"]) for trade in trades[20:]]
    cells = [line.split("\t") for line in shown]
    assert [(side, float(qty), float(price)) for side, qty, price in cells] == expected


@recipe("Tell me when the price is above 60,000")
def _notify(shell: Shell, script: str) -> None:
    assert shell.run(script) == ""
    (line,) = lines_like(rf"BTC/USD is at {PRICE}", (shell.home / "notified").read_text())
    assert float(line.split()[-1]) > 60000


@recipe("Several symbols in one stream")
def _several(shell: Shell, script: str) -> None:
    lines = lines_like(rf"\S+\t{PRICE}\t-?{PRICE}%", shell.run(script, "-n 30"))
    assert len(lines) == 30
    assert {line.split("\t")[0] for line in lines} == {"BTC/USD", "ETH/USD", "SOL/USD"}


@recipe("The biggest of the last fifty trades")
def _biggest(shell: Shell, script: str) -> None:
    lines = lines_like(rf"{TIME}\t(buy|sell)\t{PRICE}(e-\d+)?\t{PRICE}", shell.run(script))
    values = [float(qty) * float(price) for _, _, qty, price in (line.split("\t") for line in lines)]
    assert len(values) == 5
    assert values == sorted(values, reverse=True)


@recipe("Bought and sold, with awk")
def _bought_and_sold(shell: Shell, script: str) -> None:
    lines = lines_like(rf"(buy|sell) {PRICE}(e-\d+)?", shell.run(script))
    assert {line.split()[0] for line in lines} == {"buy", "sell"}
    assert all(float(line.split()[1]) > 0 for line in lines)


@recipe("The smallest order of each euro pair")
def _smallest(shell: Shell, script: str) -> None:
    assert lines_like(rf"\S+/EUR {PRICE}", shell.run(script)) == ["BTC/EUR 0.00005"]


@recipe("Keep an eye on the connection")
def _connection(shell: Shell, script: str) -> None:
    lines = lines_like(rf"{TIME} \w+ .*", shell.run(script, "-n 3"))
    assert [line.split()[1:] for line in lines] == [["connected"], ["subscribed"], ["end", "count"]]


@recipe("An hour of trades, and what became of it")
def _what_became(shell: Shell, script: str) -> None:
    assert shell.run(script, "-n 5") == "complete\n"
    assert len((shell.home / "hour.jsonl").read_text().splitlines()) == 5
    assert shell.run(script.replace("ETH/USD", "NOPE/USD")) == "a symbol was refused\n"
    nowhere = {"KRAKEN_WS_PUBLIC_URL": "ws://127.0.0.1:1/v2"}
    assert shell.run(script, "--retry 0", **nowhere) == "Kraken cannot be reached\n"
    assert shell.run(script, "--count 0") == "ended with status 2\n"


def _recipes() -> dict[str, str]:
    parts = re.split(r"^### ", section("Recipes"), flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts}


SCRIPTS = {title: code for title, part in _recipes().items() for code in fences(part, "sh")}


def test_every_recipe_has_a_check() -> None:
    assert list(CHECKS) == list(SCRIPTS)
    assert len(SCRIPTS) >= 10


@pytest.mark.parametrize("title", CHECKS)
def test_recipe(shell: Shell, title: str) -> None:
    if "jq " in SCRIPTS[title] and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    CHECKS[title](shell, SCRIPTS[title])


def test_the_service_starts_writes_and_ends_as_its_unit_says(shell: Shell) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(fences(_recipes()["As a service, with systemd"], "ini")[0])
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert Path(program).name == "kraken-stream"
    with subprocess.Popen(
        [shell.home / "bin" / "kraken-stream", *arguments],
        env={**shell.environ, "ENDING": ""},
        stdout=subprocess.PIPE,
    ) as service:
        assert service.stdout is not None
        records: list[dict[str, Any]] = [json.loads(service.stdout.readline()) for _ in range(3)]
        service.send_signal(signal.SIGTERM)
        service.stdout.read()
        status = service.wait(30)
    assert {record["channel"] for record in records} == {"trade"}
    assert status == ExitStatus.TERMINATED == int(unit["Service"]["SuccessExitStatus"])
    in_vain = {ExitStatus.USAGE, ExitStatus.REJECTED, ExitStatus.AUTH, ExitStatus.CREDENTIALS}
    assert set(map(int, unit["Service"]["RestartPreventExitStatus"].split())) == in_vain


# Samples and other command lines


def values(record: str) -> list[str]:
    """The values of a flat record, as text, without channel and type."""
    return [str(value) for value in json.loads(record, parse_float=str).values()][2:]


def test_the_samples_have_the_fields_of_today(shell: Shell) -> None:
    jsonl, raw, end = (json.loads(sample) for sample in fences(section("Formats"), "json"))
    (sample,) = fences(section("Formats"), "csv")
    assert list(jsonl) == list(json.loads(shell.run("kraken-stream trade BTC/USD -n 1")))
    assert sample.splitlines()[0] == shell.run("kraken-stream trade BTC/USD -n 1 -f csv").splitlines()[0]
    assert sample.splitlines()[1].split(",") == values(fences(section("Formats"), "json")[0])
    frames = shell.run("kraken-stream trade BTC/USD -n 2 -f raw").splitlines()
    frame = next(json.loads(line) for line in frames if '"channel":"trade","type":"update"' in line)
    assert (list(raw), list(raw["data"][0])) == (list(frame), list(frame["data"][0]))
    news = json.loads(shell.run("kraken-stream trade BTC/USD -n 2 --events").splitlines()[-1])
    assert {**end, "time": ""} == {**news, "time": ""}


def test_the_embedded_exchange_is_served_and_joined_by_its_two_lines(shell: Shell) -> None:
    serve, join = fences(section("The embedded exchange"), "sh")[0].splitlines()
    free = serve.replace("8080", "0")
    with subprocess.Popen(
        ["bash", "-c", f"exec {free}"], env={**shell.environ, "ENDING": ""}, stdout=subprocess.PIPE
    ) as served:
        assert served.stdout is not None
        addresses = json.loads(served.stdout.readline())
        line = join.replace("http://127.0.0.1:8080", addresses["rest"])
        assert line != join
        record = json.loads(shell.run(line, "-n 1", KRAKEN_WS_PUBLIC_URL="", KRAKEN_SPOT_URL=""))
        served.send_signal(signal.SIGTERM)
        assert served.wait(30) == ExitStatus.TERMINATED
    assert (record["channel"], record["symbol"]) == ("ticker", "BTC/USD")


def test_the_lines_for_a_fresh_machine_stand_alone() -> None:
    install, _, _, tests = fences(section("Start"), "sh")
    for line, extra in ((install, "'.[sandbox]'"), (tests, "'.[dev]'")):
        assert line.count("\n") == 1
        assert line.startswith("python3 -m venv .venv")
        assert f" {extra} && " in line
    assert install.split(" && ")[2].strip().endswith("--sandbox -n 10")


def test_the_first_example_says_the_same_over_both_protocols(shell: Shell, exchange: Sandbox) -> None:
    _, plain, older, _ = fences(section("Start"), "sh")
    assert older.strip() == f"{plain.strip()} --api v1"
    command = plain.strip().removeprefix(".venv/bin/")
    addresses = {"v2": exchange.addresses.ws_public, "v1": exchange.addresses.ws_v1}
    told = {
        api: shell.run(f"{command} --api {api}", "-n 10 --json", KRAKEN_WS_PUBLIC_URL=url)
        for api, url in addresses.items()
    }
    first, second = ([json.loads(line) for line in lines.splitlines()] for lines in told.values())
    assert [len(first), len(second)] == [10, 10]
    for one in (*first, *second):
        names = [name for name in first[0] if name not in ("change", "change_pct", "timestamp")]
        assert [name for name in one if name in names] == names
    assert {one["symbol"] for one in (*first, *second)} <= {"BTC/USD", "ETH/USD"}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_spellings_of_a_pair_are_one_pair(shell: Shell) -> None:
    promise = section("Commands").split("as you know it")[1].split("are one pair")[0]
    spellings = re.findall(r"`([^`]+)`", promise)
    assert len(spellings) == 5
    for spelling in spellings:
        assert shell.run(f"kraken-stream pairs {spelling} | jq -r .symbol") == "BTC/USD\n"
