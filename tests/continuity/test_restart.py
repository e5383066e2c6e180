"""An exchange that numbers its trades anew: told, printed from there on, and not taken for repetition."""

import pytest

from krakencli.continuity import RESTARTED_AFTER, Continuity, Figures, FillWanted, Gap, Restarted

from .kit import BTC, Batch, begun, ids, snapshot, told, trade, update

LAST = 900_000


def anew(first: int, count: int) -> list[Batch]:
    """Trades with small ids and later times, a message each."""
    return [Batch("update", [trade(number, time=f"u{number:07}")]) for number in range(first, first + count)]


def stream() -> Continuity:
    kept = begun(LAST)
    assert kept.take(anew(1, RESTARTED_AFTER - 1), 0) == []
    return kept


def test_after_some_trades_in_a_row_the_count_begins_anew_and_none_of_them_is_lost() -> None:
    outs = stream().take(anew(RESTARTED_AFTER, 3), 0)
    assert told(outs) == [Restarted(BTC, LAST, 1)]
    assert ids(outs) == list(range(1, RESTARTED_AFTER + 3))


def test_figures_go_on() -> None:
    kept = stream()
    kept.take(anew(RESTARTED_AFTER, 1), 0)
    kept.take(anew(RESTARTED_AFTER + 2, 1), 0)
    kept.release()
    assert kept.figures()[BTC] == Figures(printed=RESTARTED_AFTER + 2, missing=1, gaps=1)


def test_what_was_held_comes_out_before() -> None:
    kept = begun(LAST)
    kept.take([update(LAST + 2)], 0)
    outs = kept.take(anew(1, RESTARTED_AFTER), 0)
    assert ids(outs) == [LAST + 2, *range(1, RESTARTED_AFTER + 1)]
    assert [type(out) for out in told(outs)] == [Gap, Restarted]
    assert not kept.waiting


def test_a_hole_among_the_first_new_ids_is_a_hole() -> None:
    kept = begun(LAST)
    outs = kept.take([*anew(1, 4), *anew(6, RESTARTED_AFTER)], 0)
    assert ids(outs) == [1, 2, 3, 4]
    assert ids(kept.take(anew(5, 1), 0)) == list(range(5, RESTARTED_AFTER + 6))


def test_a_hole_of_the_new_count_is_asked_for_like_any_other() -> None:
    kept = begun(LAST)
    kept.take([update(LAST + 2)], 0)
    kept.take([*anew(1, RESTARTED_AFTER), *anew(RESTARTED_AFTER + 3, 1)], 0)
    (wish,) = kept.tick(1)
    assert isinstance(wish, FillWanted)
    assert (wish.first_id, wish.last_id) == (RESTARTED_AFTER + 1, RESTARTED_AFTER + 2)


def test_a_snapshot_shows_it_too() -> None:
    kept = begun(LAST)
    kept.lost([BTC])
    items = [batch.data[0] for batch in anew(1, 50)]
    outs = kept.take([Batch("snapshot", items)], 0)
    assert ids(outs) == list(range(1, 51))


@pytest.mark.parametrize("spoil", ["next", "ahead", "lost"])
def test_a_trade_of_the_old_count_or_a_new_connection_ends_the_suspicion(spoil: str) -> None:
    kept = stream()
    if spoil == "lost":
        kept.lost([BTC])
    else:
        kept.take([update(LAST + (1 if spoil == "next" else 2))], 0)
    assert told(kept.take(anew(RESTARTED_AFTER, 1), 0)) == []
    assert kept.figures()[BTC].late == RESTARTED_AFTER - 1


def test_the_same_trades_again_are_no_new_count() -> None:
    kept = begun(*range(1, 100))
    assert kept.take([snapshot(*range(50, 100)), update(*range(1, 100))], 0) == []
    assert kept.figures()[BTC].duplicates == 149
