"""`book`: levels on two sides, in five depths."""

import pytest

from krakencli.channels.book import BOOK

from .kit import assert_choices, assert_columns, from_sandbox, parameter, recorded


def test_what_it_asks_for() -> None:
    assert (BOOK.wire, BOOK.snapshot, BOOK.symbols) == ("book", True, "required")
    assert (BOOK.sides, BOOK.key) == (("bids", "asks"), ())
    assert_choices(parameter(BOOK, "depth"), 10, (10, 25, 100, 500, 1000), {})
    assert parameter(BOOK, "depth").flags == ("-d", "--depth")


def test_its_columns_are_the_wires() -> None:
    """The snapshots of the documentation had no time yet (2023)."""
    assert_columns(BOOK, [fields for _, fields in recorded(BOOK)], rare={"timestamp"})


@pytest.mark.parametrize("depth", [10, 1000])
def test_its_columns_are_the_sandboxs(url: str, depth: int) -> None:
    records = from_sandbox(url, BOOK, "BTC/USD", count=5, depth=depth)
    assert_columns(BOOK, records)
    assert 10 <= len(records[0]["bids"]) <= depth
