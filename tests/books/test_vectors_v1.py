"""API v1's worked examples, as frames: the documented checksums, and the invented five steps (v1 §6)."""

import json
from pathlib import Path
from typing import Any

import pytest

from krakencli.books import Book, Verdict
from krakencli.protocol.messages import Update
from krakencli.protocol.v1 import Codec

ASKS = {
    "30100.10000": "0.50000000",
    "30100.50000": "1.25000000",
    "30101.00000": "0.03250000",
    "30101.20000": "2.00000000",
    "30102.00000": "0.00100000",
    "30102.70000": "0.75000000",
    "30103.30000": "3.10000000",
    "30104.00000": "0.40000000",
    "30105.50000": "0.08000000",
    "30106.90000": "1.00000000",
}
BIDS = {
    "30099.90000": "0.90000000",
    "30099.00000": "0.20000000",
    "30098.40000": "1.10000000",
    "30097.70000": "0.00050000",
    "30097.00000": "2.50000000",
    "30096.10000": "0.60000000",
    "30095.00000": "0.33000000",
    "30094.20000": "0.07000000",
    "30093.80000": "4.00000000",
    "30090.00000": "0.10000000",
}
STEPS = [
    [{"b": [["30099.90000", "0.65000000"]]}],
    [{"a": [["30100.80000", "0.15000000"]]}],
    [{"a": [["30100.10000", "0.00000000"], ["30107.40000", "0.22000000", "r"]]}],
    [
        {
            "a": [
                ["30100.50000", "0.90000000"],
                ["30100.50000", "0.00000000"],
                ["30108.00000", "5.00000000", "r"],
            ]
        },
        {"b": [["30100.20000", "0.35000000"]]},
    ],
]
CHECKSUMS = [3310401368, 3850324977, 1371216223, 3336963850]


def frame(*objects: dict[str, Any]) -> bytes:
    """Rows get a time between quantity and mark."""
    timed = [
        {
            key: [[*row[:2], "1750000000.100000", *row[2:]] for row in value] if key != "c" else value
            for key, value in one.items()
        }
        for one in objects
    ]
    return json.dumps([336, *timed, "book-10", "XBT/USD"], separators=(",", ":")).encode()


def update(text: bytes) -> Update:
    message = Codec().decode(text)
    assert isinstance(message, Update), message
    return message


def test_five_steps_with_cut_and_republished_levels() -> None:
    book = Book(depth=10)
    rows = {"as": list(map(list, ASKS.items())), "bs": list(map(list, BIDS.items()))}
    snapshot = update(frame(rows))
    assert (snapshot.type, book.apply(snapshot.data[0], snapshot=True).verdict) == (
        "snapshot",
        Verdict.UNVERIFIABLE,
    )
    for objects, checksum in zip(STEPS, CHECKSUMS, strict=True):
        proven = [*objects[:-1], {**objects[-1], "c": str(checksum)}]
        outcome = book.apply(update(frame(*proven)).data[0], snapshot=False)
        assert (outcome.verdict, outcome.computed) == (Verdict.VERIFIED, checksum)


def test_documented_ladders(recordings: Path) -> None:
    vectors = json.loads((recordings / "v1_checksum_vectors.json").read_text())["vectors"]
    assert 974947235 in [vector["checksum"] for vector in vectors]
    for vector in vectors:
        book = Book(depth=10)
        sides = {f"{side[0]}s": vector[side] for side in ("asks", "bids")}
        whole = json.dumps([336, sides, "book-10", "XBT/USD"], separators=(",", ":")).encode()
        book.apply(update(whole).data[0], snapshot=True)
        again = [[*vector["asks"][0]]]
        proof = json.dumps([336, {"a": again, "c": str(vector["checksum"])}, "book-10", "XBT/USD"])
        outcome = book.apply(update(proof.encode()).data[0], snapshot=False)
        assert outcome.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("step", range(4))
def test_a_wrong_digit_is_seen(step: int) -> None:
    book = Book(depth=10)
    rows = {"as": list(map(list, ASKS.items())), "bs": list(map(list, BIDS.items()))}
    book.apply(update(frame(rows)).data[0], snapshot=True)
    for objects, checksum in list(zip(STEPS, CHECKSUMS, strict=True))[: step + 1]:
        wrong = checksum ^ (objects is STEPS[step])
        proven = [*objects[:-1], {**objects[-1], "c": str(wrong)}]
        outcome = book.apply(update(frame(*proven)).data[0], snapshot=False)
    assert outcome.verdict is Verdict.MISMATCH
