"""Our output beside that of python-kraken-sdk, on one feed: the truth of it. Speed is for throughput.py."""

import importlib.util
import json
import subprocess
import sys
from decimal import Decimal

import bench_feed
import bench_kit
import pytest

FRAMES = 2000

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(
        importlib.util.find_spec("kraken") is None, reason="the [peers] extra is not installed"
    ),
]


def printed(*command: str) -> list[str]:
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert run.stderr == ""
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def both() -> tuple[list[str], list[str]]:
    """The lines of ours and of theirs."""
    with bench_kit.feed("trade", FRAMES) as served:
        ours = printed(
            *bench_kit.program(), "trade", "BTC/USD", "--url", served.url, "-n", str(FRAMES), "--json"
        )
        theirs = printed(sys.executable, str(bench_kit.HERE / "sdk_client.py"), served.url, str(FRAMES))
    return ours, theirs


def test_both_print_the_same_trades(both: tuple[list[str], list[str]]) -> None:
    ours, theirs = ([json.loads(line) for line in lines] for lines in both)
    assert len(ours) == FRAMES
    for record in ours:
        assert (record.pop("channel"), record.pop("type")) == ("trade", "update")
    assert ours == theirs


def test_ours_keeps_the_digits_that_were_sent(both: tuple[list[str], list[str]]) -> None:
    sent = [json.loads(text, parse_float=str)["data"][0] for text in bench_feed.trades(FRAMES)]
    ours, theirs = ([json.loads(line, parse_float=str) for line in lines] for lines in both)
    assert [record["qty"] for record in ours] == [trade["qty"] for trade in sent]
    trailing = [place for place, trade in enumerate(sent) if trade["qty"].endswith("0")]
    assert trailing
    for place in trailing:  # as the README says of theirs: the value is right, the digits are fewer
        assert theirs[place]["qty"] != sent[place]["qty"]
        assert Decimal(theirs[place]["qty"]) == Decimal(sent[place]["qty"])
