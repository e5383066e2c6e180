"""One sandbox for all of other people's clients, in this process, with an account for each.

They are pointed at it by their own settings, and none is told any address but loopback's.
"""

from collections.abc import Iterator

import pytest

from krakencli.sandbox import Sandbox, Settings

from .accounts import ALL


@pytest.fixture(scope="session")
def exchange() -> Iterator[Sandbox]:
    """An exchange with a moving market and the accounts of `accounts`; its log is kept."""
    settings = Settings(symbols=("BTC/USD", "ETH/USD"), accounts=ALL, keep_log=True)
    with Sandbox(settings) as sandbox:
        yield sandbox
