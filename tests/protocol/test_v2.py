"""The codec: every kind of frame of the protocol notes, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.model import Subscription
from krakencli.protocol import v2
from krakencli.protocol.messages import Garbage, Response, Update, printable

from .kit import TIMES

STATUS = (
    b'{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2",'
    b'"connection_id":11630518642217360443,"upcoming_maintenance":[],"emergency":[]}]}'
)
OHLC = (
    b'{"channel":"ohlc","type":"update","timestamp":"2026-03-02T14:05:02.264627814Z","data":[{"symbol":'
    b'"ETH/USD","open":3126.50,"interval_begin":"2026-03-02T14:05:00.000000000Z","interval":1}]}'
)
INSTRUMENT = (
    b'{"channel":"instrument","type":"snapshot","data":{"assets":[{"id":"USD","collateral_value":1.000}],'
    b'"pairs":[{"symbol":"BTC/USD","qty_increment":0.00000001},{"symbol":"VET/USDC"}],"version":3}}'
)


def decoded_update(frame: bytes) -> Update:
    message = v2.decode(frame)
    assert isinstance(message, Update)
    return message


def response(frame: bytes) -> Response:
    message = v2.decode(frame)
    assert isinstance(message, Response)
    return message


def garbage(frame: bytes) -> Garbage:
    message = v2.decode(frame)
    assert isinstance(message, Garbage)
    return message


def test_a_status_keeps_the_digits_of_its_connection() -> None:
    update = decoded_update(STATUS)
    assert (update.channel, update.type, update.sequence, update.timestamp) == ("status", "update", None, "")
    (item,) = update.data
    assert b'"connection_id":11630518642217360443,' in bytes(item)


def test_a_heartbeat_is_a_channel_message_without_data() -> None:
    assert decoded_update(b'{"channel":"heartbeat"}') == Update("heartbeat")


@pytest.mark.parametrize(
    "number", ["67310.0", "0.00005100", "1E-8", "5.1e-05", "0.00000012", "9" * 20, '"44939.40"']
)
def test_items_are_the_text_that_came(number: str) -> None:
    item = f'{{"symbol":"BTC/USD", "price" : {number}}}'
    update = decoded_update(f'{{"channel":"trade","type":"update","data":[{item},{item}]}}'.encode())
    assert [bytes(one).decode() for one in update.data] == [item, item]


def test_the_time_of_an_ohlc_message_is_kept() -> None:
    assert decoded_update(OHLC).timestamp == "2026-03-02T14:05:02.264627814Z"


def test_a_sequence_is_kept() -> None:
    frame = b'{"channel":"balances","type":"update","data":[{"asset":"BTC"}],"sequence":12}'
    assert decoded_update(frame).sequence == 12


def test_the_arrays_of_instrument_are_members() -> None:
    update = decoded_update(INSTRUMENT)
    assert (update.channel, update.type, update.data) == ("instrument", "snapshot", [])
    assert {name: [bytes(item) for item in items] for name, items in update.members.items()} == {
        "assets": [b'{"id":"USD","collateral_value":1.000}'],
        "pairs": [b'{"symbol":"BTC/USD","qty_increment":0.00000001}', b'{"symbol":"VET/USDC"}'],
    }


@pytest.mark.parametrize("frame", [STATUS, OHLC, INSTRUMENT])
def test_any_order_of_keys_and_unknown_ones_are_accepted(frame: bytes) -> None:
    fields = json.loads(frame)
    turned = json.dumps({"new": [1], **dict(reversed(fields.items()))}, separators=(",", ":")).encode()
    update, expected = decoded_update(turned), decoded_update(frame)
    assert (update.channel, update.type, update.timestamp) == (
        expected.channel,
        expected.type,
        expected.timestamp,
    )
    assert [json.loads(bytes(item)) for item in update.data] == [
        json.loads(bytes(item)) for item in expected.data
    ]
    assert update.members.keys() == expected.members.keys()


def test_white_space_between_tokens_is_accepted() -> None:
    update = decoded_update(b' { "channel" : "trade" ,\r\n\t"data" : [ {"trade_id" : 1} ] } ')
    assert [bytes(item) for item in update.data] == [b'{"trade_id" : 1}']


def test_an_acknowledgement() -> None:
    answer = response(
        b'{"method":"subscribe","req_id":41,"result":{"channel":"ohlc","interval":1,"snapshot":true,'
        b'"symbol":"ETH/USD","warnings":["timestamp is deprecated, use interval_begin"]},"success":true,'
        + TIMES.encode()
        + b"}"
    )
    assert (answer.method, answer.req_id, answer.success, answer.error) == ("subscribe", 41, True, "")
    assert (answer.channel, answer.symbol) == ("ohlc", "ETH/USD")
    assert answer.warnings == ["timestamp is deprecated, use interval_begin"]


@pytest.mark.parametrize(
    ("frame", "error", "symbol"),
    [
        (
            b'{"error":"Currency pair not supported XBT/USD","method":"subscribe","req_id":3,"success":false,'
            b'"symbol":"XBT/USD"}',
            "Currency pair not supported XBT/USD",
            "XBT/USD",
        ),
        (
            b'{"error":"Subscription depth not supported","method":"subscribe","req_id":3,"success":false}',
            "Subscription depth not supported",
            None,
        ),
        (
            b'{"channel":"executions","error":"ESession:Invalid session","method":"subscribe","req_id":3,'
            b'"status":"error","success":false}',
            "ESession:Invalid session",
            None,
        ),
    ],
)
def test_refusals(frame: bytes, error: str, symbol: str | None) -> None:
    answer = response(frame)
    assert (answer.method, answer.req_id, answer.success) == ("subscribe", 3, False)
    assert (answer.error, answer.symbol) == (error, symbol)


def test_a_method_makes_a_response_whatever_else_the_frame_holds() -> None:
    frame = b'{"channel":"level3","data":[{"symbol":"BTC/USD"}],"error":"no","method":"subscribe"}'
    assert response(frame).error == "no"
    odd = b'{"channel":"level3","data":"none","error":"no","method":"subscribe"}'
    assert response(odd).error == "no"


@pytest.mark.parametrize(
    ("frame", "method", "error"),
    [
        (b'{"Error":"Exceeded msg rate"}', "error", "Exceeded msg rate"),
        (b'{"errorMessage":"Exceeded msg rate","event":"error","reqid":4}', "error", "Exceeded msg rate"),
        (b'{"error":"Malformed request","method":"error","success":false}', "error", "Malformed request"),
        (b'{"method":"subscribe","error":["one","two"]}', "subscribe", "one; two"),
        (b'{"method":"subscribe","error":{"code":7}}', "subscribe", '{"code":7}'),
        (b'{"method":"subscribe","error":null}', "subscribe", ""),
        (b'{"method":"subscribe"}', "subscribe", ""),
    ],
)
def test_errors_in_every_shape(frame: bytes, method: str, error: str) -> None:
    answer = response(frame)
    assert (answer.method, answer.success, answer.error) == (method, False, error)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ('"req_id":"7"', None),
        ('"req_id":7.5', None),
        ('"req_id":7', 7),
        ('"req_id":18446744073709551615', 18446744073709551615),
    ],
)
def test_only_integers_name_a_request(field: str, value: int | None) -> None:
    assert response(f'{{"method":"pong",{field}}}'.encode()).req_id == value


def test_success_is_only_what_is_true() -> None:
    assert [
        response(f'{{"method":"x","success":{text}}}'.encode()).success for text in ("true", "1", '"true"')
    ] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("result", ["[]", "3", '{"symbol":7,"channel":8,"warnings":"late"}', "null"])
def test_a_result_of_another_shape_is_no_failure(result: str) -> None:
    answer = response(f'{{"method":"batch_add","req_id":1,"success":true,"result":{result}}}'.encode())
    assert (answer.success, answer.symbol, answer.channel, answer.warnings) == (True, None, None, [])


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"CloudFlare WebSocket proxy restarting", "malformed"),
        (b"", "truncated"),
        (b'{"channel":', "truncated"),
        (b"[0]", "Expected `object`"),
        (b"{}", "neither a channel message nor a response"),
        (b'{"data":[]}', "neither a channel message nor a response"),
        (b'{"method":7}', "Expected `str"),
    ],
)
def test_what_is_no_message(frame: bytes, reason: str) -> None:
    found = garbage(frame)
    assert reason in found.reason
    assert found.channel == ""


@pytest.mark.parametrize(
    "frame",
    [
        b'{"channel":"ticker","data":"none"}',
        b'{"channel":"ticker","data":[],"type":7}',
        b'{"channel":"ticker","data":{"items":[{"symbol":"BTC/USD"}]}}',
        b'{"channel":"ticker","data":{"pairs":[}}',
        b'{"channel":"ticker","data":[],"sequence":"x"}',
    ],
)
def test_a_channel_message_of_no_known_shape_names_its_channel(frame: bytes) -> None:
    assert garbage(frame).channel in {"ticker", ""}
    assert (garbage(frame).channel == "ticker") == (b"[}" not in frame)


def test_a_sample_is_short_and_harmless() -> None:
    found = garbage(b"\x1b[31mno\n\xff" + b"x" * 500)
    assert found.sample.startswith("�[31mno��xxx")
    assert len(found.sample) == 81
    assert found.sample.endswith("…")
    assert printable(b"short") == "short"


NASTY = [
    b'{"method":"subscribe","error":1e999}',
    b'{"method":"subscribe","req_id":1e999}',
    b'{"method":"subscribe","result":{"x":1e999}}',
    b'{"method":"subscribe","success":"\xff"}',
    b'{"method":"subscribe","result":{"symbol":"\\ud800"}}',
    b'{"a":' * 100_000,
    b"[" * 100_000,
    b'{"channel":"ticker","data":[' + b"[" * 100_000,
    b'{"channel":"ticker","data":' + b'{"a":' * 100_000,
]


@pytest.mark.parametrize("frame", NASTY, ids=range(len(NASTY)))
def test_nasty_frames_are_garbage(frame: bytes) -> None:
    assert garbage(frame).sample


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "channel",
        "method",
        "data",
        "type",
        "error",
        "Error",
        "result",
        "success",
        "req_id",
        "symbol",
        "sequence",
    ]
)
FRAMES = (
    st.binary(max_size=60)
    | st.dictionaries(FIELDS, JSON, max_size=6).map(lambda value: json.dumps(value).encode())
    | st.builds(
        lambda frame, at: frame[:at], st.sampled_from([STATUS, OHLC, INSTRUMENT]), st.integers(0, 200)
    )
)


@given(FRAMES)
@settings(deadline=None, max_examples=300)
def test_no_frame_raises(frame: bytes) -> None:
    assert isinstance(v2.decode(frame), Update | Response | Garbage)


def subscription(symbol: str | None = "BTC/USD", snapshot: bool | None = None, **params: Any) -> Subscription:
    return Subscription("book", symbol, tuple(params.items()), snapshot)


def test_the_exact_bytes_of_requests() -> None:
    both = [
        subscription("BTC/USD", depth=25, snapshot=True),
        subscription("ETH/USD", depth=25, snapshot=True),
    ]
    assert v2.subscribe("subscribe", both, 11) == (
        b'{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":25,'
        b'"snapshot":true},"req_id":11}'
    )
    assert v2.subscribe("unsubscribe", both[:1], 12) == (
        b'{"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":25},"req_id":12}'
    )
    assert v2.subscribe("subscribe", [Subscription("instrument")], 61) == (
        b'{"method":"subscribe","params":{"channel":"instrument"},"req_id":61}'
    )
    assert v2.ping(101) == b'{"method":"ping","req_id":101}'
