"""Imports go one way. The two tables below are the map; a module that is not on it fails until it is.

A unit is a package or a module of `krakencli`; the longest name that fits is a module's unit. Imports inside
functions count like the others: they hide the cost, not the direction.
"""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "krakencli"

MAY_USE: dict[str, set[str]] = {
    "": set(),  # krakencli/__init__.py, the version
    "errors": set(),
    "model": set(),
    "times": set(),
    "clock": {"times"},
    "loopback": set(),
    "places": set(),
    "budget": {"places"},
    "output": set(),
    "symbols": set(),
    "background": set(),
    "candles": {"times"},
    "interrupts": {"errors"},
    "trust": {"errors"},
    "credentials": {"errors"},
    "credentials.vault": {"errors"},
    "credentials.store": {"errors", "credentials"},
    "credentials.sources": {"errors", "credentials", "credentials.store", "credentials.vault"},
    "config": {"errors", "loopback", "model"},
    "exact": set(),
    "channels": {"model", "exact", "symbols"},
    "books": {"model"},
    "continuity": {"model", "times"},
    "account": {"model"},
    "reports": {"model", "background", "account", "protocol.messages", "stage", "feed"},
    "ledger": {"model", "account", "protocol.messages", "stage", "feed"},
    "formatters": {"times", "model", "channels", "account"},
    "formatters.table": {"model", "formatters", "books"},
    "protocol": set(),
    "protocol.messages": set(),
    "protocol.dialect": {"model", "protocol.messages"},
    "protocol.v2": {"model", "channels", "protocol.messages"},
    "protocol.v1_private": {"channels", "protocol.messages"},
    "protocol.v1": {
        "model", "symbols", "channels", "protocol.dialect", "protocol.messages", "protocol.v1_private",
    },
    "protocol.pace": {"model"},
    "protocol.masking": set(),
    "protocol.order_form": set(),
    "protocol.trading": {"protocol.messages", "protocol.v2"},
    "protocol.trading_v1": {"symbols", "protocol", "protocol.order_form", "protocol.trading", "protocol.v1"},
    "protocol.server_time": {"times"},
    "protocol.awaited": {"model", "protocol.messages"},
    "protocol.requests": {"model", "protocol.messages", "protocol.dialect", "protocol.pace"},
    "protocol.events": {"model", "protocol.messages"},
    "protocol.session": {
        "model", "protocol", "protocol.events", "protocol.messages", "protocol.dialect", "protocol.v2",
        "protocol.pace", "protocol.requests", "protocol.awaited", "protocol.server_time",
    },
    "stage": {"model", "protocol.messages"},
    "unbroken": {"model", "background", "continuity", "protocol.messages", "stage", "feed"},
    "unbroken_v1": {"errors", "model", "background", "continuity", "protocol.messages", "stage", "feed"},
    "unbroken_candles": {
        "times",
        "model", "background", "candles", "records", "protocol.messages", "stage", "feed",
    },
    "pulse": set(),
    "tally": {"model", "pulse", "stage"},
    "status": {"times", "model", "stage", "tally", "feed"},
    "refusals": {"model", "errors", "protocol.messages"},
    "overview": {"model", "feed", "formatters", "sinks"},
    "records": {"model", "candles", "protocol.messages", "stage"},
    "verified": {"model", "errors", "background", "books", "protocol.messages", "stage", "feed"},
    "trading": {"errors", "symbols", "protocol", "protocol.order_form", "protocol.trading"},
    "trading.timer": {"errors", "clock", "protocol.trading", "trading", "trading.desk"},
    "trading.desk": {
        "errors", "clock", "protocol", "protocol.masking", "protocol.trading", "transport",
    },
    "transport": {"", "errors", "loopback"},
    "rest": {
        "times", "model", "exact", "", "errors", "loopback", "symbols", "credentials", "trust", "places",
    },
    "feed": {
        "times", "model", "errors", "clock", "protocol", "protocol.events", "protocol.session",
        "protocol.awaited", "protocol.masking", "protocol.messages", "protocol.dialect", "protocol.v1",
        "protocol.v2", "transport", "rest",
    },
    "talk": {"model", "errors", "formatters"},
    "sinks": {"model", "output", "feed", "formatters", "formatters.table"},
    "pipeline": {
        "model", "errors", "clock", "interrupts", "output", "stage", "pulse", "tally", "status",
        "refusals", "sinks", "talk", "formatters", "protocol.messages", "feed",
    },
    "cli": {
        "times",
        "", "model", "errors", "clock", "interrupts", "output", "records", "stage", "verified",
        "unbroken", "unbroken_v1", "unbroken_candles", "continuity", "account", "reports", "ledger", "books",
        "sinks", "overview", "talk", "candles", "symbols", "background", "budget",
        "config", "loopback", "credentials", "credentials.store", "credentials.vault", "credentials.sources",
        "places", "trust", "channels", "formatters",
        "formatters.table", "feed", "transport", "rest", "pipeline", "sandbox",
        "trading", "trading.desk", "trading.timer", "protocol", "protocol.trading", "protocol.trading_v1",
    },
    "__main__": {"cli"},
    "sandbox": set(),  # it shares no code with the client that is tested against it
}  # fmt: skip

ONLY_IN: dict[str, set[str]] = {
    "click": {"cli"},
    "websocket": {"transport"},
    "requests": {"rest"},
    "urllib3": {"rest"},
    "filelock": {"rest", "budget"},
    "rich": {"formatters.table"},
    "aiohttp": {"sandbox"},
    "cryptography": {"sandbox"},
    "platformdirs": {"rest", "config", "places"},
    "certifi": {"trust"},
    "tomlkit": {"credentials.store"},
    "keyring": {"credentials.vault"},
    # Decoding is where frames are; what --help loads (model, channels, errors, cli) does without it.
    # The model only names a type of it.
    "msgspec": {
        "model", "protocol", "protocol.v1", "protocol.v1_private", "protocol.v2", "protocol.messages",
        "protocol.session",
        "protocol.awaited", "protocol.trading", "protocol.trading_v1",
        "feed", "formatters", "formatters.table",
        "records", "verified", "unbroken", "unbroken_v1", "unbroken_candles", "account", "tally", "status",
        "overview", "candles", "sinks", "pipeline", "talk", "rest", "books", "continuity",
    },
}  # fmt: skip


def unit_of(name: str) -> str | None:
    """The unit that a module, named without `krakencli.`, belongs to."""
    fits = [unit for unit in MAY_USE if unit and (name == unit or name.startswith(unit + "."))]
    return max(fits, key=len) if fits else "" if not name else None


def imports(path: Path, package: str, modules: set[str]) -> Iterator[str]:
    """The full names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                yield submodule if submodule in modules else base


def violations(root: Path) -> list[str]:
    """What the modules of the package at `root` import against the map, one line each."""
    files = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        package = path.name == "__init__.py"
        name = ".".join(parts[:-1] if package else parts)
        files[name] = (path, name if package else name.rpartition(".")[0])
    found = []
    for name, (path, package) in files.items():
        own = name.removeprefix("krakencli").removeprefix(".")
        unit = unit_of(own)
        if unit is None:
            found.append(f"{own} is on no line of MAY_USE")
            continue
        for imported in imports(path, package, set(files)):
            found += _judge(own, unit, imported)
    return found


def _judge(own: str, unit: str, imported: str) -> Iterator[str]:
    top, _, rest = imported.partition(".")
    if top == "krakencli":
        other = unit_of(rest)
        if other != unit and other not in MAY_USE[unit]:
            yield f"{own} imports krakencli.{rest}"
    elif top not in sys.stdlib_module_names and unit not in ONLY_IN.get(top, set()):
        yield f"{own} imports {imported}"


def test_every_import_follows_the_map() -> None:
    assert violations(ROOT) == []


def test_the_map_itself_goes_one_way() -> None:
    TopologicalSorter(MAY_USE).prepare()  # CycleError where two units may use one another


def test_the_map_names_nothing_that_is_gone() -> None:
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.py")}
    modules |= {module.removesuffix(".__init__") for module in modules} | {""}
    assert set(MAY_USE) - modules == set()


@pytest.mark.parametrize(
    ("module", "line", "verdict"),
    [
        ("model.py", "from krakencli.feed import Feed", "model imports krakencli.feed"),
        ("channels/ticker.py", "import websocket", "channels.ticker imports websocket"),
        ("protocol/v2.py", "from krakencli import transport", "protocol.v2 imports krakencli.transport"),
        ("protocol/v2.py", "from .session import Session", "protocol.v2 imports krakencli.protocol.session"),
        ("feed/feed.py", "def f():\n    from rich.text import Text", "feed.feed imports rich.text"),
        ("formatters/csv.py", "import krakencli.rest.client", "formatters.csv imports krakencli.rest.client"),
        ("sandbox/v2.py", "from krakencli.model import Channel", "sandbox.v2 imports krakencli.model"),
        ("sandbox/v2.py", "from .. import symbols", "sandbox.v2 imports krakencli.symbols"),
        ("rest/client.py", "import click", "rest.client imports click"),
        ("newcomer.py", "", "newcomer is on no line of MAY_USE"),
        ("errors.py", "import numpy", "errors imports numpy"),
    ],
)
def test_a_planted_import_is_found(tmp_path: Path, module: str, line: str, verdict: str) -> None:
    root = tmp_path / "krakencli"
    for name in (
        "__init__.py", "symbols.py", "feed/__init__.py", "transport/__init__.py", "sandbox/__init__.py",
        "protocol/__init__.py", "protocol/session.py", module,
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / module).write_text(line + "\n")
    assert violations(root) == [verdict]
