"""From what was typed to the exchange's symbols.

`BASE/QUOTE` is respelled by rule, without a look-up; everything else (other spellings, globs, `--all`,
`--quote`) goes through the list of pairs.
"""

from collections.abc import Callable, Iterable, Sequence

from krakencli.errors import RejectedError, StreamError, UsageError
from krakencli.symbols import AmbiguousError, Directory, respell
from krakencli.talk import Talk


def resolve(
    typed: Sequence[str],
    directory: Callable[[], Directory],
    *,
    everything: bool = False,
    quote: str | None = None,
    keep_going: bool = False,
    talk: Talk,
) -> list[str]:
    """The symbols meant, without repetitions, in the order of typing.

    Raises RejectedError for a name that stands for nothing (with `keep_going` it is said and left out, while
    others remain), UsageError for an ambiguous one.
    """
    found: dict[str, None] = {}
    refused: list[str] = []
    if everything or (quote and not typed):
        found.update(dict.fromkeys(_match(directory(), "*", quote)))
    for text in typed:
        if not text.strip() or not text.isprintable():
            raise UsageError(f"{text!r} is no symbol", suggestion="write BTC/USD")
        symbol = respell(text)
        if symbol is not None:
            found[symbol] = None
        elif any(character in text for character in "*?["):
            found.update(dict.fromkeys(_match(directory(), text, quote)))
        elif (symbol := _find(directory(), text)) is not None:
            found[symbol] = None
        else:
            refused.append(unknown(text, directory()))
    if refused and (not keep_going or not found):
        raise RejectedError("; ".join(refused), suggestion="kraken-stream pairs lists them all")
    for words in refused:
        talk.say(f"{words}; going on with the others")
    return list(found)


def unknown(text: str, directory: Directory) -> str:
    """Words for a name that no pair has, with those that may have been meant."""
    near = directory.nearest(text)
    return f"no pair is called {text!r}" + (f", did you mean {', '.join(near)}?" if near else "")


def suggestion(symbols: Iterable[str], directory: Callable[[], Directory]) -> str:
    """ "Did you mean" for symbols that the exchange refused; "" where the list of pairs cannot be had."""
    try:
        pairs = directory()
    except StreamError:
        return ""
    near = list(dict.fromkeys(name for symbol in symbols for name in pairs.nearest(symbol) if name != symbol))
    return f"did you mean {', '.join(near[:5])}?" if near else ""


def _find(directory: Directory, text: str) -> str | None:
    try:
        pair = directory.find(text)
    except AmbiguousError as error:
        raise UsageError(str(error), suggestion="write it with a slash") from None
    return pair.symbol if pair else None


def _match(directory: Directory, pattern: str, quote: str | None) -> list[str]:
    symbols = [pair.symbol for pair in directory.match(pattern, quote)]
    if not symbols:
        what = f"{pattern!r}" + (f" quoted in {quote}" if quote else "")
        raise RejectedError(f"no pair matches {what}", suggestion="kraken-stream pairs lists them all")
    return symbols
