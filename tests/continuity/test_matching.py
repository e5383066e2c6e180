"""Which trade is which row: as many pairs as there can be, whatever the order, and no false one."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.continuity.matching import TOLERANCE, match, seen

from .market import BEGIN, Made, live, row

TIMES = st.lists(st.integers(0, 6), max_size=5)


def pairs(rows: list[int], trades: list[int]) -> dict[int, int]:
    """Of trades that are alike, so many microseconds after the beginning."""
    made = [[Made(n, BEGIN + time * 1000) for n, time in enumerate(times)] for times in (rows, trades)]
    return match([seen(row(one).item) for one in made[0]], [seen(live(one)) for one in made[1]])


def most(rows: list[int], trades: list[int]) -> int:
    """How many pairs there can be, by trying them all."""
    longer, shorter = sorted((rows, trades), key=len, reverse=True)
    return max(
        sum(abs(one - other) <= TOLERANCE for one, other in zip(order, shorter, strict=False))
        for order in permutations(longer)
    )


@given(TIMES, TIMES)
@settings(max_examples=300, deadline=None)
def test_as_many_pairs_as_there_can_be(rows: list[int], trades: list[int]) -> None:
    found = pairs(rows, trades)
    assert len(found) == most(rows, trades)
    assert len(set(found.values())) == len(found)
    assert all(abs(rows[one] - trades[other]) <= TOLERANCE for one, other in found.items())


def test_frames_may_come_in_another_order_than_their_times() -> None:
    assert pairs([0, 5], [5, 0]) == {0: 1, 1: 0}


def test_every_part_of_a_trade_counts_and_zeros_do_not() -> None:
    one = Made(1, BEGIN)
    assert match([seen(row(one).item)], [seen(live(one))]) == {0: 0}
    for other in (
        one._replace(price="30100.2"), one._replace(qty="0.0126"), one._replace(side="sell"),
        one._replace(ns=BEGIN + 2_000),
    ):  # fmt: skip
        assert match([seen(row(one).item)], [seen(live(other))]) == {}
