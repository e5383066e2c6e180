"""Real books: every message verifies, and nothing is padded where the wire's digits verify."""

from collections import Counter
from pathlib import Path

import pytest

from krakencli.books import Book, OrderBook, State, Verdict

from .kit import recorded

LITERAL = {
    "v2_book10_btcusd_20230730_reconstructed": (10, 510),
    "v2_book10_btcusd_20260719_raw": (10, 1254),
    "v2_book10_btcusd_20260912": (10, 20),
    "v2_book10_ethusd_20250506": (10, 2),
    "v2_book25_minagbp_20260816": (25, 30),
    "v2_booksnap_btcusd_20260527": (10, 1),
    "v2_booksnap_ethgbp_2025": (10, 1),
}
RESERIALISED = {
    "v2_book10_btcusd_20230730_reserialised": ((1, 8), 510),
    "v2_docs_samples": ((4, 8), 1),
}


def verdicts(book: Book | OrderBook, path: Path, channel: str = "book") -> Counter[tuple[Verdict, bool]]:
    outcomes = (book.apply(item, snapshot) for item, snapshot in recorded(path, channel))
    return Counter((outcome.verdict, outcome.padded) for outcome in outcomes)


@pytest.mark.parametrize("name", LITERAL)
@pytest.mark.parametrize("precisions", [None, (1, 8), (9, 9)])
def test_literal_recordings_verify_unpadded(
    recordings: Path, name: str, precisions: tuple[int, int] | None
) -> None:
    depth, count = LITERAL[name]
    book = Book(depth, precisions=precisions)
    assert verdicts(book, recordings / f"{name}.jsonl") == {(Verdict.VERIFIED, False): count}


@pytest.mark.parametrize("name", RESERIALISED)
def test_reserialised_recordings_verify_by_padding(recordings: Path, name: str) -> None:
    precisions, count = RESERIALISED[name]
    assert verdicts(Book(10, precisions=precisions), recordings / f"{name}.jsonl") == {
        (Verdict.VERIFIED, True): count
    }


@pytest.mark.parametrize("name", RESERIALISED)
def test_reserialised_recordings_fail_without_and_with_wrong_precisions(recordings: Path, name: str) -> None:
    (price, qty), _ = RESERIALISED[name]
    for item, snapshot in recorded(recordings / f"{name}.jsonl")[:1]:
        book = Book(10)
        assert book.apply(item, snapshot).verdict is Verdict.MISMATCH
        for wrong in ((price + 1, qty), (price, qty - 1), (price, qty + 1), (0, 0)):
            again = book.pad(*wrong)
            assert again is not None
            assert (again.verdict, book.state) == (Verdict.MISMATCH, State.DOUBTFUL)
        right = book.pad(price, qty)
        assert right is not None
        assert right.verdict is Verdict.VERIFIED


def test_precisions_that_come_late_save_the_message_in_doubt(recordings: Path) -> None:
    book, late = Book(10), 0
    for item, snapshot in recorded(recordings / "v2_book10_btcusd_20230730_reserialised.jsonl"):
        outcome = book.apply(item, snapshot)
        if outcome.verdict is Verdict.MISMATCH:
            late += 1
            saved = book.pad(1, 8)
            assert saved is not None
            outcome = saved
        assert (outcome.verdict, outcome.padded) == (Verdict.VERIFIED, True)
    assert late == 1


def test_level3_snapshots(recordings: Path) -> None:
    whole = verdicts(OrderBook(10), recordings / "v2_level3snap_btcusd_docs.jsonl", "level3")
    assert whole == {(Verdict.VERIFIED, False): 1}
    cut_short = verdicts(OrderBook(10), recordings / "v2_public_2024.jsonl", "level3")
    assert cut_short == {(Verdict.MISMATCH, False): 1, (Verdict.BROKEN, False): 1}
