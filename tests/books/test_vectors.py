"""The worked examples of the protocol notes (§7.2, §8, §9): numbers that nobody of this project reckoned."""

import json
from pathlib import Path

import pytest

from krakencli.books import Book, OrderBook, Outcome, Verdict

from .kit import Event, Levels, book_item, level3_item


def levels(text: str) -> Levels:
    """`price x qty, ...`"""
    return [tuple(one.split("x")) for one in text.replace(" ", "").split(",")]  # type: ignore[misc]


DOCUMENTED = book_item(
    levels(
        "45283.5x0.10000000, 45283.4x1.54582015, 45282.1x0.10000000, 45281.0x0.10000000, 45280.3x1.54592586,"
        "45279.0x0.07990000, 45277.6x0.03310103, 45277.5x0.30000000, 45277.3x1.54602737, 45276.6x0.15445238"
    ),
    levels(
        "45285.2x0.00100000, 45286.4x1.54571953, 45286.6x1.54571109, 45289.6x1.54560911, 45290.2x0.15890660,"
        "45291.8x1.54553491, 45294.7x0.04454749, 45296.1x0.35380000, 45297.5x0.09945542, 45299.5x0.18772827"
    ),
    3310070434,
)

MATIC = (
    levels(
        "0.5666x4831.75496356, 0.5665x6658.22734739, 0.5664x18724.91513344, 0.5663x11563.92544914,"
        "0.5662x14006.65365711, 0.5661x17454.85679807, 0.566x18097.1547, 0.5659x33644.89175666,"
        "0.5658x148.3464, 0.5657x606.70854372"
    ),
    levels(
        "0.5668x4410.79769741, 0.5669x4655.40412487, 0.567x49844.89424998, 0.5671x24306.41678,"
        "0.5672x29783.25223475, 0.5673x57234.71239278, 0.5674x45065.04744, 0.5675x5912.76380354,"
        "0.5676x42514.92434778, 0.5677x36304.0847022"
    ),
)

INVENTED = [
    book_item(
        levels(
            "67310.4x0.41250000, 67310.0x0.00148500, 67309.2x1.20000000, 67308.7x0.00007400,"
            "67307.1x0.35000000,"
            "67305.0x2.07410333, 67304.9x0.01485213, 67301.6x0.60000000, 67300.0x4.11870052,"
            "67298.3x0.00250000"
        ),
        levels(
            "67310.5x0.18203311, 67311.9x0.00500000, 67312.0x0.74000000, 67313.3x0.00009100,"
            "67314.8x1.48566120,"
            "67316.2x0.22000000, 67318.0x0.03712000, 67320.0x3.50000000, 67321.4x0.00074300,"
            "67325.5x0.90016478"
        ),
        1160986976,
    ),
    book_item((), levels("67310.5x0.00000000, 67330.0x0.05000000, 67312.0x0.69000000"), 1391019291),
    book_item(levels("67310.9x0.02000000"), (), 1826266092),
]


def orders(prefix: str, text: str) -> list[Event]:
    """`price: qty qty; price: qty` as the events of a snapshot."""
    found = []
    for queue in text.split(";"):
        price, _, quantities = queue.partition(":")
        found += [(price.strip(), qty) for qty in quantities.split()]
    return [Event(f"{prefix}{number}", price, qty) for number, (price, qty) in enumerate(found)]


DOCUMENTED_L3 = level3_item(
    orders(
        "B",
        "44939.4: 0.88968699 0.45210000 0.10000000 0.14296323 0.25000000 0.10292988 0.33880000 1.28140860;"
        "44937.1: 0.03346877; 44934.7: 0.35630000;"
        "44930.2: 0.22734299 0.01000000 0.05550000 0.70000000 0.15000000;"
        "44928.0: 0.00105240; 44919.6: 0.33870000; 44919.5: 0.07610000;"
        "44912.0: 0.35630000; 44909.7: 0.06690000; 44901.9: 0.00088982",
    ),
    orders(
        "A",
        "44939.5: 4.52308393 0.00111261 0.00100000 0.01000000; 44950.0: 0.10334926; 44953.0: 0.00064537;"
        "44955.0: 0.00250000; 44959.6: 0.35630000 0.35630000; 44960.1: 0.00338072; 44960.2: 0.88967575;"
        "44967.0: 3.14392283; 44978.5: 0.06778960; 44979.2: 0.35630000",
    ),
    1063832831,
)


def test_documented_book() -> None:
    assert Book(10).apply(DOCUMENTED, True) == Outcome(Verdict.VERIFIED, 3310070434, 3310070434)


def test_documented_book_whose_numbers_lost_their_zeros() -> None:
    book = Book(10)
    assert book.apply(book_item(*MATIC, 2439117997), True).verdict is Verdict.MISMATCH
    padded = book.pad(4, 8)
    assert padded is not None
    assert padded.verdict is Verdict.VERIFIED
    assert padded.padded
    after = book.apply(book_item(levels("0.5657x1098.3947558"), (), 2114181697), False)
    assert (after.verdict, after.padded) == (Verdict.VERIFIED, True)


def test_invented_frames_delete_bring_in_and_push_out() -> None:
    book = Book(10)
    outcomes = [book.apply(item, number == 0) for number, item in enumerate(INVENTED)]
    assert [one.verdict for one in outcomes] == [Verdict.VERIFIED] * 3
    assert not any(one.padded or one.crossed for one in outcomes)
    assert "67298.3" not in [price for price, _ in book.bids]
    assert len(book.bids) == len(book.asks) == 10


def test_a_dropped_and_a_reordered_frame_are_noticed() -> None:
    for frames in ((INVENTED[0], INVENTED[2]), (INVENTED[0], INVENTED[2], INVENTED[1])):
        book = Book(10)
        outcomes = [book.apply(item, number == 0) for number, item in enumerate(frames)]
        assert outcomes[1].verdict is Verdict.MISMATCH
        assert not any(one.usable for one in outcomes[1:])


def test_documented_orders() -> None:
    assert OrderBook(10).apply(DOCUMENTED_L3, True).verdict is Verdict.VERIFIED


def test_sample_orders() -> None:
    """The three events of §8: a queue's second order shrinks, the best ask goes, an order joins a queue."""
    book = OrderBook(10)
    bids = [
        ("OJ0", "67310.4", "0.30000000"),
        ("OJ2", "67310.4", "0.11250000"),
        ("OC5", "67310.0", "0.00148500"),
    ]
    asks = [("OE3", "67310.5", "0.18203311"), ("OW4", "67311.9", "0.00500000")]
    snapshot = level3_item((Event(*one) for one in bids), (Event(*one) for one in asks), 3457866081)
    assert book.apply(snapshot, True).verdict is Verdict.VERIFIED
    update = level3_item(
        [Event("OJ2", "67310.4", "0.05000000", "modify")],
        [Event("OE3", "67310.5", "0.18203311", "delete"), Event("OY6", "67311.9", "0.25000000", "add")],
        2802228251,
    )
    assert book.apply(update, False).verdict is Verdict.VERIFIED
    assert [order.order_id for order in book.asks.orders()] == ["OW4", "OY6"]


def test_hundred_recorded_ladders(recordings: Path) -> None:
    vectors = json.loads((recordings / "v2_checksum_vectors_btcusd_20260721.json").read_text())["vectors"]
    outcomes = [Book(10).apply(book_item(one["bids"], one["asks"], one["checksum"]), True) for one in vectors]
    assert [one.verdict for one in outcomes] == [Verdict.VERIFIED] * 100
    assert not any(one.padded for one in outcomes)


@pytest.mark.parametrize("item", [DOCUMENTED, INVENTED[0]])
def test_any_other_checksum_is_a_mismatch(item: bytes) -> None:
    head, _, expected = item.rpartition(b":")
    wrong = int(expected[:-1]) ^ 1
    outcome = Book(10).apply(head + b":%d}" % wrong, True)
    assert outcome.verdict is Verdict.MISMATCH
    assert (outcome.expected, outcome.computed) == (wrong, wrong ^ 1)
