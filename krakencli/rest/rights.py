"""Which right of a key each private method takes, by the exchange's names, and the calls that prove it.

Facts: protocol notes limits and errors §5, REST §5. Values only.
"""

SOCKET = "WebSocket interface – On"  # noqa: RUF001 - the exchange's spelling
FUNDS = "Funds – Query"  # noqa: RUF001 - as above
OPEN = "Query open orders & trades"
CLOSED = "Query closed orders & trades"
MODIFY = "Create & modify orders"
CANCEL = "Cancel & close orders"

RIGHTS = {
    "GetWebSocketsToken": (SOCKET,),
    **dict.fromkeys(("Balance", "BalanceEx", "TradeBalance", "TradeVolume"), (FUNDS,)),
    **dict.fromkeys(("OpenOrders", "OpenPositions"), (OPEN,)),
    **dict.fromkeys(("ClosedOrders", "TradesHistory", "QueryTrades"), (CLOSED,)),
    "QueryOrders": (OPEN, CLOSED),
    **dict.fromkeys(("AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder"), (MODIFY,)),
    **dict.fromkeys(("CancelOrder", "CancelOrderBatch", "CancelAll", "CancelAllOrdersAfter"), (CANCEL,)),
}
"""What a key must be allowed for a method, any of them where there are several; the notes name no more."""

WHERE = "on kraken.com under Settings > API"


def advice(method: str) -> str:
    """What to do about a method that the key may not call."""
    rights = " or ".join(f"'{right}'" for right in RIGHTS.get(method, ()))
    return f"give the key the right {rights} {WHERE}" if rights else f"see which rights the key has {WHERE}"
