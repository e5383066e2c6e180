"""The list of pairs: what is read of AssetPairs, and what its cache does in good times and bad."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from krakencli.errors import RemoteError, UnreachableError
from krakencli.rest.client import Client
from krakencli.rest.pairs import DAY, cached, load, parse
from krakencli.symbols import Directory

from .kit import Answer, Server, identity, refused, result

NOW = 1_750_000_000.0
BITCOIN = {
    "altname": "XBTUSD",
    "wsname": "XBT/USD",
    "aclass_base": "currency",
    "base": "XXBT",
    "aclass_quote": "currency",
    "quote": "ZUSD",
    "pair_decimals": 1,
    "lot_decimals": 8,
    "ordermin": "0.00005",
    "costmin": "0.5",
    "tick_size": "0.1",
    "status": "online",
    "execution_venue": "international",
    "fees": [[0, 0.4]],
}
DOGE = {"altname": "XDGUSD", "wsname": "XDG/USD", "base": "XXDG", "quote": "ZUSD"}
ETHER = {"altname": "ETHXBT", "wsname": "ETH/XBT", "base": "XETH", "quote": "XXBT"}
LIST = {
    "XXBTZUSD": BITCOIN,
    "XDGUSD": DOGE,
    "XETHXXBT": ETHER,
    "USDTZUSD": {"altname": "USDTUSD", "wsname": "USDT/USD", "base": "USDT", "quote": "ZUSD"},
}


def listed(server: Server, directory: Path, now: float = NOW, **options: Any) -> Directory:
    return load(lambda: Client(server.base, delays=()), server.base, directory, now, **options)


def test_every_name_and_figure_of_a_pair() -> None:
    (pair,) = parse({"XXBTZUSD": BITCOIN})
    assert (pair.internal, pair.altname, pair.wsname, pair.symbol) == (
        "XXBTZUSD",
        "XBTUSD",
        "XBT/USD",
        "BTC/USD",
    )
    assert (pair.base, pair.quote, pair.base_id, pair.quote_id) == ("BTC", "USD", "XXBT", "ZUSD")
    assert (pair.price_precision, pair.qty_precision) == (1, 8)
    assert (pair.tick_size, pair.qty_min, pair.cost_min) == ("0.1", "0.00005", "0.5")
    assert pair.status == "online"


def test_all_but_the_names_may_be_missing() -> None:
    (pair,) = parse({"XDGUSD": DOGE})
    assert (pair.symbol, pair.status, pair.price_precision, pair.tick_size) == ("DOGE/USD", "", None, "")


@pytest.mark.parametrize(
    "entry",
    [
        {**BITCOIN, "wsname": None},
        {name: value for name, value in BITCOIN.items() if name != "wsname"},
        {**BITCOIN, "aclass_base": "tokenized_asset"},
        {**BITCOIN, "execution_venue": "bitnomial_exchange"},
        {**BITCOIN, "wsname": "XBTUSD"},
        {**BITCOIN, "wsname": "X\x1b[31mBT/USD"},
        {**BITCOIN, "wsname": "XBT/USD/EUR"},
        {**BITCOIN, "wsname": ["XBT/USD"]},
        "text",
        None,
    ],
)
def test_what_cannot_be_streamed_is_left_out(entry: Any) -> None:
    assert [pair.symbol for pair in parse({"ODD": entry, "XDGUSD": DOGE})] == ["DOGE/USD"]


def test_dark_pools_are_left_out() -> None:
    assert parse({"XXBTZUSD.d": BITCOIN}) == []


@pytest.mark.parametrize("answer", [None, [], "text", 5])
def test_a_list_that_is_none_is_empty(answer: Any) -> None:
    assert parse(answer) == []


def test_figures_that_are_none_are_dropped() -> None:
    (pair,) = parse(
        {"XXBTZUSD": {**BITCOIN, "tick_size": "\x1b", "ordermin": 5, "pair_decimals": "1", "status": []}}
    )
    assert (pair.tick_size, pair.qty_min, pair.price_precision, pair.status) == ("", "", None, "")


def test_the_list_is_asked_for_once_a_day(tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        first = listed(server, tmp_path / "cache")
        again = listed(server, tmp_path / "cache", NOW + DAY - 1)
        assert len(server.seen) == 1
        assert first.pairs == again.pairs
        assert not again.stale
        listed(server, tmp_path / "cache", NOW + DAY)
        assert len(server.seen) == 2
    assert server.seen[0].path == "/0/public/AssetPairs"
    assert [path.name[:6] for path in (tmp_path / "cache").iterdir()] == ["pairs-"]


def test_a_list_can_be_asked_for_anew(tmp_path: Path) -> None:
    with Server(result({"XDGUSD": DOGE}), result(LIST)) as server:
        assert len(listed(server, tmp_path).pairs) == 1
        assert len(listed(server, tmp_path, max_age=0).pairs) == 4


def test_a_list_from_the_future_is_not_believed(tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        listed(server, tmp_path, NOW + 5)
        listed(server, tmp_path, NOW)
        assert len(server.seen) == 2


def test_each_exchange_has_its_own_list(tmp_path: Path) -> None:
    with Server(result({"XDGUSD": DOGE})) as one, Server(result({"XXBTZUSD": BITCOIN})) as other:
        assert [pair.symbol for pair in listed(one, tmp_path).pairs] == ["DOGE/USD"]
        assert [pair.symbol for pair in listed(other, tmp_path).pairs] == ["BTC/USD"]
        found = cached(one.base + "/", tmp_path)
    assert found is not None
    assert [pair.symbol for pair in found.pairs] == ["DOGE/USD"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"shape":[],"fetched":0,"pairs":[[]]}'],
)
def test_a_broken_cache_is_fetched_anew(content: bytes, tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        listed(server, tmp_path)
        (file,) = tmp_path.iterdir()
        file.write_bytes(content)
        assert cached(server.base, tmp_path) is None
        assert len(listed(server, tmp_path).pairs) == 4
        assert len(server.seen) == 2
        assert cached(server.base, tmp_path) is not None


@pytest.mark.parametrize(
    "change", [{"wsname": "X\x1bT/USD"}, {"symbol": "BTC/EUR"}, {"status": 5}, {"altname": "\n"}]
)
def test_a_cache_that_was_tampered_with_is_fetched_anew(change: dict[str, Any], tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        listed(server, tmp_path)
        (file,) = tmp_path.iterdir()
        content = json.loads(file.read_text())
        for name, value in change.items():
            content["pairs"][0][content["shape"].index(name)] = value
        file.write_text(json.dumps(content))
        assert cached(server.base, tmp_path) is None
        listed(server, tmp_path)
        assert len(server.seen) == 2


@pytest.mark.parametrize(
    "trouble", [Answer(drop=True), Answer(b"<html>", 503), refused("EService:Unavailable")]
)
def test_an_old_list_serves_where_the_exchange_cannot(trouble: Answer, tmp_path: Path) -> None:
    with Server(result(LIST), trouble) as server:
        listed(server, tmp_path)
        old = listed(server, tmp_path, NOW + 30 * DAY)
        assert old.stale
        assert len(old.pairs) == 4
        assert len(server.seen) == 2


def test_without_a_list_the_trouble_is_told(tmp_path: Path) -> None:
    with Server(Answer(drop=True)) as server, pytest.raises(UnreachableError):
        listed(server, tmp_path)
    with Server(refused("EGeneral:Invalid arguments")) as server, pytest.raises(RemoteError):
        listed(server, tmp_path)


def test_an_untrusted_certificate_is_told_although_there_is_an_old_list(tmp_path: Path) -> None:
    own, other = identity(tmp_path / "own"), identity(tmp_path / "other")
    with Server(result(LIST), context=own.context) as server:
        load(lambda: Client(server.base, ca_file=str(own.ca_file)), server.base, tmp_path / "c", NOW)
        with pytest.raises(UnreachableError, match="not trusted"):
            load(lambda: Client(server.base, ca_file=str(other.ca_file)), server.base, tmp_path / "c", NOW, 0)


def test_an_empty_list_is_an_error_and_not_kept(tmp_path: Path) -> None:
    with Server(result({})) as server, pytest.raises(RemoteError, match="no pair"):
        listed(server, tmp_path)
    assert cached(server.base, tmp_path) is None


def test_where_nothing_can_be_written_the_list_is_fetched_each_time() -> None:
    nowhere = Path("/dev/null/nowhere")
    with Server(result(LIST)) as server:
        assert len(listed(server, nowhere).pairs) == 4
        assert len(listed(server, nowhere).pairs) == 4
        assert len(server.seen) == 2
    assert cached(server.base, nowhere) is None


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        listed(server, tmp_path)
        (file,) = tmp_path.iterdir()
        file.unlink()
        file.mkdir()
        listed(server, tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_reading_the_cache_loads_nothing_heavy(tmp_path: Path) -> None:
    with Server(result(LIST)) as server:
        listed(server, tmp_path)
    program = (
        "import sys, pathlib; from krakencli.rest.pairs import cached;"
        "print(len(cached(sys.argv[1], pathlib.Path(sys.argv[2])).pairs));"
        "print([m for m in ('requests', 'urllib3', 'ssl', 'filelock', 'rich', 'websocket', 'click',"
        " 'msgspec')"
        " if m in sys.modules])"
    )
    command = [sys.executable, "-c", program, server.base, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "4\n[]\n"
