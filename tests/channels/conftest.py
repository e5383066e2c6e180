"""One sandbox for all channels."""

from collections.abc import Iterator

import pytest

from krakencli.sandbox import Sandbox, Settings


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    """The address of a sandbox with two symbols."""
    with Sandbox(Settings(symbols=("BTC/USD", "ETH/USD"))) as sandbox:
        yield sandbox.addresses.ws_public
