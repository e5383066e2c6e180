"""`instrument`: the exchange's pairs with precisions, increments and minima (protocol notes v2 §7.5)."""

from krakencli.model import Channel, Column, Param

ASSETS = Channel(
    name="instrument",
    wire="instrument",
    summary="Assets with precision, status and collateral value, and every change of them.",
    examples=(),
    symbols="filter",
    member="assets",
    columns=(
        Column("id", "symbol", "asset"),
        Column("status"),
        Column("precision", "count", "digits"),
        Column("precision_display", "count", "shown digits", rank=2),
        Column("borrowable", rank=2),
        Column("collateral_value", rank=2),
        Column("margin_rate", rank=3),
        Column("class", rank=3),
    ),
    key=("id",),
)

INSTRUMENT = Channel(
    name="instrument",
    wire="instrument",
    summary="Pairs with precisions, increments, minima and status, and every change of them.",
    examples=(
        ("kraken-stream instrument BTC/USD -n 1", "one pair and stop"),
        (
            "kraken-stream instrument --duration 2s | jq -r 'select(.status!=\"online\").symbol'",
            "what is off",
        ),
        ("kraken-stream instrument --assets", "assets instead of pairs"),
    ),
    params=(
        Param("assets", "Print assets instead of pairs.", ("--assets",), default=False, wire=False),
        Param(
            "include_tokenized_assets",
            "Include tokenised assets.",
            ("--include-tokenized-assets",),
            default=False,
        ),
    ),
    symbols="filter",
    member="pairs",
    columns=(
        Column("symbol", "symbol"),
        Column("base", rank=4),
        Column("quote", rank=4),
        Column("status"),
        Column("price_precision", "count", "price digits"),
        Column("qty_precision", "count", "qty digits"),
        Column("cost_precision", "count", "cost digits", rank=4),
        Column("price_increment", "price", rank=3),
        Column("qty_increment", "qty", rank=4),
        Column("qty_min", "qty"),
        Column("cost_min", "qty", rank=2),
        Column("marginable", rank=3),
        Column("margin_initial", rank=4),
        Column("position_limit_long", "count", rank=0),
        Column("position_limit_short", "count", rank=0),
        Column("has_index", rank=0),
    ),
    variants=(("assets", True, ASSETS),),
)
