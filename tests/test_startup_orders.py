"""Help of the commands that trade loads nothing heavy, not even what reads frames."""

import pytest
from test_startup import HEAVY, loaded

from krakencli.cli.order import COMMANDS


@pytest.mark.parametrize("line", [*(f"order {name}" for name in COMMANDS), "deadman"])
def test_nothing_heavy_is_loaded_for_help(line: str) -> None:
    modules, run = loaded(*line.split(), "--help")
    assert run.returncode == 0
    assert f"Usage: kraken-stream {line}" in run.stdout
    assert modules & {*HEAVY, "msgspec"} == set()
