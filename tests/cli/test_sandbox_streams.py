"""Streams from the sandbox, the way a newcomer meets the program: no network, real sockets, real pipes."""

import csv
import json
import shutil
import subprocess
from collections import Counter
from itertools import pairwise

import pytest

from krakencli import __version__
from krakencli.channels import CHANNELS

from .program import Ended, Program

Addresses = dict[str, str]

TALKING = [name for name, channel in CHANNELS.items() if channel.wire != "executions"]
"""Channels of which something comes by itself: reports need somebody who trades."""


def fine(ended: Ended) -> Ended:
    assert ended.err == ""
    assert ended.status == 0
    return ended


def test_the_first_command_of_the_readme(program: Program) -> None:
    ended = fine(program.run("ticker", "XBT/USD", "ETH/USD", "--sandbox", "-n", "6"))
    assert len(ended.lines) == 6
    assert {record["symbol"] for record in ended.records} == {"BTC/USD", "ETH/USD"}
    assert {(record["channel"], record["type"]) for record in ended.records[:2]} == {("ticker", "snapshot")}


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_the_same_through_jq(program: Program, sandbox: Addresses) -> None:
    ended = fine(
        program.shell(
            f"set -o pipefail; kraken-stream ticker XBT/USD ETH/USD --sandbox-url {sandbox['rest']} -n 6"
            " | jq -r .symbol | sort -u"
        )
    )
    assert ended.out == "BTC/USD\nETH/USD\n"


def arguments(name: str, sandbox: Addresses) -> list[str]:
    """A channel's command; level3 has its own host, and a token from REST."""
    symbols = [] if CHANNELS[name].symbols == "none" else ["BTC/USD"]
    public = CHANNELS[name].host == "public"
    where = ["--url", sandbox["ws_public"]] if public else ["--sandbox-url", sandbox["rest"]]
    return [name, *symbols, *where]


@pytest.mark.parametrize("name", TALKING)
def test_json_lines_of_each_channel(program: Program, sandbox: Addresses, name: str) -> None:
    ended = fine(program.run(*arguments(name, sandbox), "-n", "1"))
    (record,) = ended.records
    assert list(record)[:2] == ["channel", "type"]
    assert record["channel"] == name
    assert record.get("symbol", "BTC/USD") == "BTC/USD"


@pytest.mark.parametrize("name", TALKING)
def test_csv_of_each_channel(program: Program, sandbox: Addresses, name: str) -> None:
    ended = fine(program.run(*arguments(name, sandbox), "-n", "1", "-f", "csv"))
    header, *rows = csv.reader(ended.lines)
    assert header == [column.field for column in CHANNELS[name].columns]
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    if "symbol" in header:
        assert {row[header.index("symbol")] for row in rows} == {"BTC/USD"}


@pytest.mark.parametrize("name", TALKING)
def test_raw_of_each_channel(program: Program, sandbox: Addresses, name: str) -> None:
    running = program.start(*arguments(name, sandbox), "-f", "raw")
    frames = [running.record()]
    while frames[-1].get("channel") != CHANNELS[name].wire:
        frames.append(running.record())
    assert frames[0]["channel"] == "status"
    assert [frame["success"] for frame in frames if "method" in frame] == [True] * CHANNELS[name].subscribes
    assert frames[-1]["data"]


def test_a_count_of_raw_frames_is_of_data(program: Program, sandbox: Addresses) -> None:
    ended = fine(program.run("trade", "BTC/USD", "--url", sandbox["ws_public"], "-n", "2", "-f", "raw"))
    assert [frame["channel"] for frame in ended.records if "data" in frame] == ["status", "trade", "trade"]


@pytest.mark.parametrize("name", TALKING)
def test_a_table_into_a_pipe_is_plain_rows(program: Program, sandbox: Addresses, name: str) -> None:
    ended = fine(program.run(*arguments(name, sandbox), "-n", "1", "-f", "table"))
    assert len(ended.lines) >= 2
    assert "\x1b" not in ended.out
    assert ended.out.isascii() or ended.out.isprintable()
    first = next(column for column in CHANNELS[name].columns if column.rank == 1)
    assert first.heading in ended.lines[0]


def test_events_stand_around_the_records(program: Program, sandbox: Addresses) -> None:
    ended = fine(
        program.run(
            "ticker", "BTC/USD", "ETH/USD", "--url", sandbox["ws_public"], "-n", "5", "--events", "--json"
        )
    )
    news = [record for record in ended.records if record["channel"] == "_feed"]
    data = [record for record in ended.records if record["channel"] == "ticker"]
    assert [record["type"] for record in news] == ["connected", "subscribed", "subscribed", "end"]
    assert news[0]["connection"] == "1"
    assert {record["symbol"] for record in news[1:3]} == {"BTC/USD", "ETH/USD"}
    assert len(data) == 5
    end = news[-1]
    assert ended.records[-1] == end
    assert (end["reason"], end["records"]) == ("count", "5")
    counted = Counter(record["symbol"] for record in data)
    assert {s["symbol"]: int(s["records"]) for s in end["subscriptions"]} == counted
    assert all(record["time"].endswith("Z") for record in news)


def test_a_count_ends_in_the_middle_of_a_batch(program: Program, sandbox: Addresses) -> None:
    """The instrument snapshot is one frame with many records."""
    all_of_them = fine(program.run("instrument", "--url", sandbox["ws_public"], "--duration", "500ms"))
    ended = fine(program.run("instrument", "--url", sandbox["ws_public"], "-n", "3"))
    assert len(all_of_them.lines) > 8
    assert ended.lines == all_of_them.lines[:3]


def test_a_duration_ends_a_stream(program: Program, sandbox: Addresses) -> None:
    ended = fine(
        program.run("trade", "BTC/USD", "--url", sandbox["ws_public"], "--duration", "700ms", "--events")
    )
    assert ended.records[-1]["reason"] == "duration"
    assert ended.seconds >= 0.7


@pytest.mark.parametrize(
    ("name", "switch", "first"),
    [
        ("ticker", "--snapshot", "snapshot"),
        ("ticker", "--no-snapshot", "update"),
        ("trade", "--snapshot", "snapshot"),
        ("trade", "--no-snapshot", "update"),
        ("ohlc", "--no-snapshot", "update"),
        ("ohlc", "--snapshot", "snapshot"),
        ("book", "--snapshot", "snapshot"),
    ],
)
def test_snapshots_come_as_asked(
    program: Program, sandbox: Addresses, name: str, switch: str, first: str
) -> None:
    ended = fine(program.run(name, "BTC/USD", "--url", sandbox["ws_public"], switch, "-n", "1"))
    assert ended.records[0]["type"] == first


def test_trades_begin_without_a_snapshot(program: Program, sandbox: Addresses) -> None:
    ended = fine(program.run("trade", "BTC/USD", "--url", sandbox["ws_public"], "-n", "1"))
    assert ended.records[0]["type"] == "update"


def listed(program: Program, sandbox: Addresses, *more: str) -> list[str]:
    ended = fine(program.run("pairs", "--sandbox-url", sandbox["rest"], "--json", *more))
    return [record["symbol"] for record in ended.records]


@pytest.mark.parametrize(
    ("asked", "pairs"),
    [
        (["--all"], []),
        (["--quote", "EUR"], ["--quote", "EUR"]),
        (["--all", "--quote", "usd"], ["--quote", "USD"]),
        (["*/EUR"], ["*/EUR"]),
        (["xbt*"], ["BTC*"]),
    ],
)
def test_many_symbols_at_once(
    program: Program, sandbox: Addresses, asked: list[str], pairs: list[str]
) -> None:
    wanted = listed(program, sandbox, *pairs)
    assert wanted
    ended = fine(
        program.run(
            "ticker",
            *asked,
            "--sandbox-url",
            sandbox["rest"],
            "--no-snapshot",
            "--events",
            "--duration",
            "1s",
        )
    )
    subscribed = [record["symbol"] for record in ended.records if record["type"] == "subscribed"]
    assert sorted(subscribed) == sorted(wanted)


def test_every_spelling_means_the_same_pair_once(program: Program, sandbox: Addresses) -> None:
    spellings = ["XBT/USD", "btcusd", "BTC-USD", "XXBTZUSD", "xbt/usd", "BTC/USD"]
    ended = fine(
        program.run("ticker", *spellings, "--sandbox-url", sandbox["rest"], "--events", "-n", "1", "--json")
    )
    subscribed = [record["symbol"] for record in ended.records if record["type"] == "subscribed"]
    assert subscribed == ["BTC/USD"]


def test_depth_and_interval_reach_the_exchange(program: Program, sandbox: Addresses) -> None:
    book = fine(program.run("book", "BTC/USD", "-d", "25", "--url", sandbox["ws_public"], "-n", "1"))
    assert len(book.records[0]["bids"]) == 25
    ohlc = fine(program.run("ohlc", "BTC/USD", "-i", "1h", "--url", sandbox["ws_public"], "-n", "1"))
    assert ohlc.records[0]["interval"] == "60"


def test_spread_prints_changes_only(program: Program, sandbox: Addresses) -> None:
    ended = fine(program.run("spread", "BTC/USD", "--url", sandbox["ws_public"], "-n", "8"))
    states = [
        tuple(record[name] for name in ("bid", "bid_qty", "ask", "ask_qty")) for record in ended.records
    ]
    assert all(one != next_ for one, next_ in pairwise(states))
    assert list(ended.records[0]) == ["channel", "type", *CHANNELS["spread"].only]


def test_assets_instead_of_pairs(program: Program, sandbox: Addresses) -> None:
    ended = fine(program.run("instrument", "xbt", "--assets", "--url", sandbox["ws_public"], "-n", "1"))
    assert ended.records[0]["id"] == "BTC"


def test_pairs_in_each_format(program: Program, sandbox: Addresses) -> None:
    as_json = fine(program.run("pairs", "XBTUSD", "--sandbox-url", sandbox["rest"])).records
    assert [(record["symbol"], record["internal"]) for record in as_json] == [("BTC/USD", "XXBTZUSD")]
    rows = list(
        csv.DictReader(fine(program.run("pairs", "--sandbox-url", sandbox["rest"], "-f", "csv")).lines)
    )
    assert {"BTC/USD", "ETH/USD", "DOGE/USD", "SHIB/USD", "BTC/EUR", "ETH/BTC", "SOL/USD", "USDT/USD"} <= {
        row["symbol"] for row in rows
    }
    table = fine(program.run("pairs", "doge", "--sandbox-url", sandbox["rest"], "-f", "table"))
    assert table.lines[0].startswith("symbol")
    assert all("DOGE" in line for line in table.lines[1:])


def test_a_token_alone_and_as_json(program: Program, sandbox: Addresses) -> None:
    alone = fine(program.run("token", "--sandbox-url", sandbox["rest"]))
    assert alone.out.strip().isprintable()
    assert len(alone.out.split()) == 1
    as_json = fine(program.run("token", "--sandbox-url", sandbox["rest"], "--json"))
    assert json.loads(as_json.out)["expires"] == 900
    assert fine(program.run("token", "--sandbox")).out.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(program: Program, shell: str) -> None:
    ended = fine(program.run("completion", shell))
    assert "_KRAKEN_STREAM_COMPLETE" in ended.out
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=ended.out, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_a_served_sandbox_says_where_it_is_and_is_joined(program: Program) -> None:
    server = program.start("sandbox", "--symbols", "xbt/usd,ETH/USD", "--symbols", "SOL/USD", "--rate", "100")
    addresses = server.record()
    assert list(addresses) == ["rest", "ws_public", "ws_auth", "ws_l3", "ws_v1", "ws_v1_auth"]
    assert listed(program, addresses) == ["BTC/USD", "ETH/USD", "SOL/USD"]
    direct = fine(program.run("ticker", "SOL/USD", "--url", addresses["ws_public"], "-n", "1"))
    assert direct.records[0]["symbol"] == "SOL/USD"


def test_a_sandbox_with_tls_is_joined_with_its_certificate(program: Program) -> None:
    server = program.start("sandbox", "--tls")
    addresses = server.record()
    joined = ("--sandbox-url", addresses["rest"], "--ca-file", addresses["ca_file"])
    assert fine(program.run("ticker", "BTC/USD", *joined, "-n", "1")).records[0]["symbol"] == "BTC/USD"
    refused = program.run("ticker", "BTC/USD", "--sandbox-url", addresses["rest"], "-n", "1")
    assert refused.status == 69
    assert "certificate" in refused.error


def test_a_sandbox_ends_after_its_duration(program: Program) -> None:
    ended = fine(program.run("sandbox", "--duration", "200ms"))
    assert len(ended.lines) == 1


def test_version_and_help(program: Program) -> None:
    assert fine(program.run("--version")).out == f"kraken-stream {__version__}\n"
    shown = fine(program.run("--help")).out
    assert all(name in shown for name in CHANNELS)
