"""The checksum against the exchange's own examples and recordings, none of which the sandbox has made."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from krakencli.sandbox.checksum import checksum

from .kit import RECORDINGS

DOCUMENTED_ASKS = (
    "45285.2x0.00100000 45286.4x1.54571953 45286.6x1.54571109 45289.6x1.54560911 45290.2x0.15890660 "
    "45291.8x1.54553491 45294.7x0.04454749 45296.1x0.35380000 45297.5x0.09945542 45299.5x0.18772827"
)
DOCUMENTED_BIDS = (
    "45283.5x0.10000000 45283.4x1.54582015 45282.1x0.10000000 45281.0x0.10000000 45280.3x1.54592586 "
    "45279.0x0.07990000 45277.6x0.03310103 45277.5x0.30000000 45277.3x1.54602737 45276.6x0.15445238"
)
MATIC_ASKS = (
    "0.5668x4410.79769741 0.5669x4655.40412487 0.567x49844.89424998 0.5671x24306.41678 0.5672x29783.25223475 "
    "0.5673x57234.71239278 0.5674x45065.04744 0.5675x5912.76380354 0.5676x42514.92434778 0.5677x36304.0847022"
)
MATIC_BIDS = (
    "0.5666x4831.75496356 0.5665x6658.22734739 0.5664x18724.91513344 0.5663x11563.92544914 "
    "0.5662x14006.65365711 0.5661x17454.85679807 0.566x18097.1547 0.5659x33644.89175666 0.5658x148.3464 "
)


def levels(text: str, price_digits: int, qty_digits: int = 8) -> list[tuple[int, int]]:
    pairs = (level.split("x") for level in text.split())
    return [
        (int(Decimal(price).scaleb(price_digits)), int(Decimal(qty).scaleb(qty_digits)))
        for price, qty in pairs
    ]


def test_the_documented_example() -> None:
    assert checksum(levels(DOCUMENTED_ASKS, 1), levels(DOCUMENTED_BIDS, 1)) == 3310070434


def test_the_documented_snapshot_and_its_update() -> None:
    asks = levels(MATIC_ASKS, 4)
    assert checksum(asks, levels(MATIC_BIDS + "0.5657x606.70854372", 4)) == 2439117997
    assert checksum(asks, levels(MATIC_BIDS + "0.5657x1098.3947558", 4)) == 2114181697


def test_recorded_ladders() -> None:
    file = RECORDINGS / "v2_checksum_vectors_btcusd_20260721.json"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    vectors = json.loads(file.read_text())["vectors"]
    assert len(vectors) == 100
    for vector in vectors:
        asks, bids = (
            levels(" ".join("x".join(level) for level in vector[side]), 1) for side in ("asks", "bids")
        )
        assert checksum(asks, bids) == vector["checksum"]
