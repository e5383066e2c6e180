"""The pair of an order: its symbol as the exchange spells it, and its rules."""

from krakencli.cli.exchange import Exchange
from krakencli.cli.lookup import unknown
from krakencli.cli.state import State
from krakencli.errors import UsageError
from krakencli.symbols import AmbiguousError, Directory, Pair, respell

NO_CHECK = "write BASE/QUOTE, and --no-check to leave its rules to the exchange"


def pair_of(text: str, found: Exchange | None, state: State, *, needed: bool) -> tuple[str, Pair | None]:
    """The symbol, and the pair where the list of pairs is at hand or `needed`.

    Without an exchange (a rehearsal) only the list that is kept is looked at. Raises UsageError for a name
    that stands for nothing, or for several.
    """
    symbol = respell(text)
    if symbol is not None and not needed:
        return symbol, None
    directory = _kept(state) if found is None else found.directory(state)
    if directory is None:
        if symbol is None:
            raise UsageError(f"no list of pairs is kept here to look {text!r} up", suggestion="write BTC/USD")
        state.talk().say("the list of pairs is not kept here: the pair's rules are not checked")
        return symbol, None
    pair = _find(directory, symbol or text)
    if pair is None:
        raise UsageError(unknown(text, directory), suggestion=f"kraken-stream pairs lists them; {NO_CHECK}")
    return pair.symbol, pair


def _kept(state: State) -> Directory | None:
    from krakencli.config import REST
    from krakencli.rest.pairs import cached

    return cached((state.environ.get("KRAKEN_SPOT_URL") or REST).rstrip("/"), None)


def _find(directory: Directory, text: str) -> Pair | None:
    try:
        return directory.find(text)
    except AmbiguousError as error:
        raise UsageError(str(error), suggestion="write it with a slash") from None


def rest_name(symbol: str, pair: Pair | None) -> str:
    """The pair as REST names it; without the list of pairs the symbol's own letters."""
    return symbol.replace("/", "") if pair is None else pair.altname
