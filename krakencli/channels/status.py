"""`status`: the state of the exchange, sent at each connect and each change (protocol notes v2 §3.1)."""

from dataclasses import replace

from krakencli.channels.wire_v1 import without
from krakencli.model import Channel, Column

_V2 = Channel(
    name="status",
    wire="status",
    summary="State of the trading engine: online, maintenance, cancel_only or post_only.",
    examples=(
        ("kraken-stream status -n 1 | jq -r .system", "is the exchange online?"),
        ("kraken-stream status", "watch for maintenance"),
    ),
    symbols="none",
    subscribes=False,
    snapshot=None,
    columns=(
        Column("system"),
        Column("api_version", title="api"),
        Column("version"),
        Column("connection_id", title="connection"),
    ),
    key=("api_version",),
)

STATUS = replace(_V2, v1=replace(_V2, columns=without(_V2.columns, "api_version")))
