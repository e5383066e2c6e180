"""A key that may not do something is told which right it lacks, by the exchange's own name for it."""

import pytest

from krakencli.errors import AuthError
from krakencli.rest.client import READS
from krakencli.rest.envelope import failure
from krakencli.rest.rights import RIGHTS


@pytest.mark.parametrize(
    ("method", "right"),
    [
        ("GetWebSocketsToken", "'WebSocket interface – On'"),  # noqa: RUF001
        ("BalanceEx", "'Funds – Query'"),  # noqa: RUF001
        ("OpenOrders", "'Query open orders & trades'"),
        ("ClosedOrders", "'Query closed orders & trades'"),
        ("TradesHistory", "'Query closed orders & trades'"),
        ("QueryOrders", "'Query open orders & trades' or 'Query closed orders & trades'"),
        ("AddOrder", "'Create & modify orders'"),
        ("CancelAllOrdersAfter", "'Cancel & close orders'"),
    ],
)
@pytest.mark.parametrize("entry", ["EGeneral:Permission denied", "egeneral : permission denied"])
def test_the_right_for_a_method(method: str, right: str, entry: str) -> None:
    error = failure({"error": [entry]}, method)
    assert isinstance(error, AuthError)
    assert error.suggestion == f"give the key the right {right} on kraken.com under Settings > API"


def test_a_method_whose_right_nobody_knows() -> None:
    error = failure({"error": ["EGeneral:Permission denied"]}, "Ledgers")
    assert error is not None
    assert error.suggestion == "see which rights the key has on kraken.com under Settings > API"


def test_every_read_has_its_right_or_is_known_to_have_none_in_the_notes() -> None:
    assert set(READS) - set(RIGHTS) == {"GetApiKeyInfo", "Ledgers", "QueryLedgers"}
