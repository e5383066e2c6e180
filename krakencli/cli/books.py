"""What `book` and `level3` make of their options: which books are kept, and what leaves them."""

from typing import TYPE_CHECKING

from krakencli.books.keeper import Care, Keeper
from krakencli.books.views import View
from krakencli.errors import UsageError

if TYPE_CHECKING:
    from krakencli.cli.choices import Choices


def check(choices: "Choices") -> None:
    """Raises UsageError where the options of a book contradict one another."""
    params, format_ = choices.params, choices.format
    whole = params["emit"] != "delta"
    if format_ == "raw":
        _check_raw(choices)
        return
    if params["every"] is not None and not whole:
        raise UsageError(
            "--every leaves changes out, and --emit delta prints every one",
            suggestion=f"add --emit {'book' if choices.channel.wire == 'book' else 'queue'}",
        )
    if params["levels"] is not None and format_ != "table" and params["emit"] in ("delta", "top"):
        raise UsageError(
            f"--levels cuts whole books, and --emit {params['emit']} prints none",
            suggestion=f"add --emit {'book' if choices.channel.wire == 'book' else 'queue'}",
        )
    if params["levels"] is not None and params["levels"] > params["depth"]:  # type: ignore[operator]
        raise UsageError(
            f"--levels {params['levels']} are more than --depth {params['depth']}", suggestion="raise --depth"
        )
    needs_one = whole or format_ == "table" or params["verify"] or params["resnapshot"] is not None
    if choices.snapshot is False and needs_one:
        raise UsageError(
            "--no-snapshot leaves out what a book begins with, so that it cannot be verified or shown",
            suggestion="use --no-verify alone for the changes, or leave --no-snapshot out",
        )


def _check_raw(choices: "Choices") -> None:
    """Frames pass as they are, so that nothing can be made of books."""
    params = choices.params
    wishes = [f"--emit {params['emit']}"] if params["emit"] != "delta" else []
    wishes += [f"--{name}" for name in ("every", "levels", "resnapshot") if params[name] is not None]
    if wishes:
        raise UsageError(
            f"-f raw prints the exchange's frames, so that {wishes[0]} has no place",
            suggestion="use -f jsonl",
        )


def keeper_of(choices: "Choices", symbols: list[str], unit: float) -> Keeper | None:
    """The keeper that a stream needs; None where frames or items just pass."""
    params = choices.params
    view = _view(choices)
    needed = params["verify"] or view is not None or choices.format == "table" or params["resnapshot"]
    if choices.format == "raw" or not needed:
        return None
    care = Care(
        verify=bool(params["verify"]),
        pads=choices.api == "v2",
        max_resyncs=params["max_resyncs"],  # type: ignore[arg-type]
        resnapshot=params["resnapshot"],  # type: ignore[arg-type]
        unit=unit,
    )
    return Keeper(choices.channel.wire, symbols, params["depth"], care=care, view=view)  # type: ignore[arg-type]


def _view(choices: "Choices") -> View | None:
    emit, every, levels = (choices.params[name] for name in ("emit", "every", "levels"))
    if emit == "delta":
        return None
    return View(emit, levels=levels, every=every)  # type: ignore[arg-type]
