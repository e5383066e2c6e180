"""Integers, decimals and times as text."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.sandbox import times
from krakencli.sandbox.numbers import rounded, scaled, text


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [
        (640001, 1, "64000.1"),
        (0, 8, "0.00000000"),
        (5100, 8, "0.00005100"),
        (-4293, 1, "-429.3"),
        (-5, 2, "-0.05"),
        (24317, 9, "0.000024317"),
        (7, 0, "7"),
    ],
)
def test_text_has_exactly_the_precision(value: int, precision: int, expected: str) -> None:
    assert text(value, precision) == expected


@given(st.integers(0, 10**24), st.integers(0, 12))
def test_scaled_undoes_text(value: int, precision: int) -> None:
    assert scaled(text(value, precision), precision) == value
    assert Decimal(text(value, precision)) == Decimal(value).scaleb(-precision)


@pytest.mark.parametrize("wrong", ["", "1e5", "-1", "1.", ".5", "1,5", "nan", "\u0661"])
def test_scaled_takes_plain_decimals_only(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        scaled(wrong, 2)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_rounded_takes_halves_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator) if denominator in (1, 2, 4, 5, 8, 10) else None
    if exact is not None:
        assert rounded(numerator, denominator) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert abs(rounded(numerator, denominator) * denominator - numerator) * 2 <= denominator


def test_times_are_cut_and_never_rounded() -> None:
    ns = times.nanoseconds(datetime(2026, 3, 2, 14, 5, 6, 120774, tzinfo=UTC)) + 999
    assert times.whole(ns) == "2026-03-02T14:05:06Z"
    assert times.micro(ns) == "2026-03-02T14:05:06.120774Z"
    assert times.nano(ns) == "2026-03-02T14:05:06.120774999Z"


def test_a_naive_start_counts_as_utc() -> None:
    assert times.nanoseconds(datetime(1970, 1, 1, 0, 0, 1)) == 1_000_000_000


def test_rfc1123_has_a_year_of_two_digits() -> None:
    ns = times.nanoseconds(datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC))
    assert times.rfc1123(ns) == "Sun, 15 Jun 25 15:06:40 +0000"


@pytest.mark.parametrize(
    ("ns", "expected"),
    [
        (1750000142557535000, "1750000142.557535"),
        (1750000142557611204, "1750000142.5576112"),
        (1750000142000000000, "1750000142.0"),
        (1750000142999999960, "1750000143.0"),
    ],
)
def test_rest_times_have_up_to_seven_decimals(ns: int, expected: str) -> None:
    assert times.rest_number(ns) == expected
