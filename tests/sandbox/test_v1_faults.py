"""The faults of market data over v1: each seen in the frames, and told in the sandbox's log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from krakencli.sandbox import Fault, Settings
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.v1_speech import V1Speech
from krakencli.sandbox.log import Log

from .kit import START, HandClock, play, result
from .sockets import OTHER, SECOND_LENGTH, SYMBOL, Socket, delivered, faulty
from .v1_kit import V1Book, V1Client, is_data


class Bench:
    """A client of one channel of two symbols, behind the faults."""

    def __init__(self, *faults: Fault, channel: str = "book", seed: int = 1, **options: int) -> None:
        self.log = Log(keep=True)
        given = Settings(start=START, symbols=("BTC/USD",), synthetic=2, faults=faults, seed=seed)
        self.exchange = Exchange(given, HandClock(), self.log)
        self.desk = FaultDesk(self.exchange)
        self.passed = self.desk.filter(1, "v1")
        self.client = V1Client(self.exchange, through=self.passed)
        self.client.take()
        self.channel, self.options = channel, options

    def ask(self, event: str, *pairs: str) -> list[str]:
        subscription = {"name": self.channel, **self.options}
        request = {"event": event, "pair": list(pairs or (SYMBOL,)), "subscription": subscription}
        return self.client.ask_text(json.dumps(request))

    def frames(self, events: int, *pairs: str) -> Iterator[str]:
        """The first frames and those of so many events, as they go out."""
        yield from (frame for frame in self.ask("subscribe", *pairs) if frame.startswith("["))
        for _ in play(self.exchange, events):
            yield from self.client.take()

    @property
    def delivered(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log.entries if entry["what"] == "fault"]


def truth(events: int, *pairs: str, channel: str = "book", **options: int) -> list[str]:
    """The same run without any fault."""
    return list(Bench(channel=channel, **options).frames(events, *pairs))


def holds(frames: list[str], depth: int = 10) -> list[bool]:
    """Whether the checksum holds, frame after frame."""
    book = V1Book(depth)
    return [book.apply(json.loads(frame)) for frame in frames]


@pytest.mark.parametrize("depth", [10, 100])
def test_a_dropped_update_shows_on_the_next_one(depth: int) -> None:
    bench = Bench(Fault("drop_update", SYMBOL, at=5), depth=depth)
    frames, expected = list(bench.frames(600)), truth(600, depth=depth)
    (entry,) = bench.delivered
    lost = expected.index(entry["frame"])
    assert frames == expected[:lost] + expected[lost + 1 :]
    assert entry["sent"] == [expected[lost + 1]]
    assert holds(frames, depth)[: lost + 1] == [True] * lost + [False]


def test_two_updates_change_places() -> None:
    bench = Bench(Fault("reorder_updates", SYMBOL, at=3))
    frames, expected = list(bench.frames(200)), truth(200)
    (entry,) = bench.delivered
    place = expected.index(entry["frame"])
    expected[place : place + 2] = reversed(expected[place : place + 2])
    assert (frames, entry["sent"]) == (expected, expected[place : place + 2])
    assert holds(frames)[: place + 1] == [True] * place + [False]


@pytest.mark.parametrize("name", ["drop_update", "reorder_updates", "wrong_digit", "wrong_checksum"])
@pytest.mark.parametrize("depth", [10, 100])
def test_every_lie_shows_on_the_very_frame(name: str, depth: int) -> None:
    for seed in range(8):
        bench = Bench(Fault(name, SYMBOL, at=1 + seed), seed=seed, depth=depth)
        frames = []
        for frame in bench.frames(900):
            frames.append(frame)
            if bench.delivered:
                break
        assert bench.delivered[0]["sent"][0] == frames[-1]
        assert holds(frames, depth) == [True] * (len(frames) - 1) + [False]


def test_a_wrong_digit_in_a_snapshot_shows_on_the_next_update() -> None:
    bench = Bench(Fault("wrong_digit", SYMBOL, on="snapshot"))
    frames, expected = list(bench.frames(60)), truth(60)
    assert frames[1:] == expected[1:]
    (entry,) = bench.delivered
    assert (entry["frame"], entry["sent"]) == (expected[0], frames[:1])
    assert sum(one != other for one, other in zip(expected[0], frames[0], strict=True)) == 1
    assert holds(frames)[:2] == [True, False]


def test_a_wrong_checksum_changes_nothing_else() -> None:
    bench = Bench(Fault("wrong_checksum", SYMBOL, at=2, times=2))
    frames, expected = list(bench.frames(40)), truth(40)
    assert [place for place, held in enumerate(holds(frames)) if not held] == [2, 3]
    for place, entry in zip((2, 3), bench.delivered, strict=True):
        right, wrong = json.loads(expected[place]), json.loads(frames[place])
        assert int(wrong[-3].pop("c")) == int(right[-3].pop("c")) + 1
        assert wrong == right
        assert (entry["frame"], entry["sent"]) == (expected[place], [frames[place]])


def test_a_snapshot_has_no_checksum_to_be_wrong() -> None:
    bench = Bench(Fault("wrong_checksum", SYMBOL, on="snapshot"))
    assert list(bench.frames(40)) == truth(40)
    assert bench.delivered == []


def test_a_missing_snapshot_and_the_next_one_comes() -> None:
    bench = Bench(Fault("missing_snapshot", SYMBOL))
    assert list(bench.frames(40)) == truth(40)[1:]
    (entry,) = bench.delivered
    assert ('"as":[' in entry["frame"], entry["sent"]) == (True, [])
    bench.ask("unsubscribe")
    assert '"as":[' in bench.ask("subscribe")[1]


def test_a_level_removed_twice_does_no_harm() -> None:
    bench = Bench(Fault("remove_twice", SYMBOL, at=2, times=400), depth=100)
    frames, expected = list(bench.frames(3000)), truth(3000, depth=100)
    assert all(holds(frames, 100))
    assert len(bench.delivered) == 400
    begin = 0
    for entry in bench.delivered:
        begin = frames.index(entry["frame"], begin) + 1
        assert frames.pop(begin) == entry["sent"][1]
    assert frames == expected
    for entry in bench.delivered:
        frame, twice = map(json.loads, entry["sent"])
        assert len(twice) == 4
        ((side, ((price, qty, _),)),) = [item for item in twice[1].items() if item[0] != "c"]
        assert qty == "0.00000000"
        assert price in [row[0] for payload in frame[1:-2] for row in payload.get(side, [])]
        assert twice[1]["c"] == frame[-3]["c"]
    assert any(len(json.loads(entry["frame"])) == 5 for entry in bench.delivered)


@pytest.mark.parametrize("depth", [10, 100])
def test_the_checksum_of_a_snapshot_is_reckoned_as_it_tells_none(depth: int) -> None:
    bench = Bench(depth=depth)
    (snapshot,) = bench.frames(0)
    book, speech = V1Book(depth), V1Speech(bench.exchange.listing)
    book.apply(json.loads(snapshot))
    frame = speech.book(snapshot)
    assert frame is not None
    assert frame.checksum == book.checksum()


def test_of_two_depths_only_the_first_is_hurt() -> None:
    bench = Bench(Fault("wrong_checksum", SYMBOL, at=4, times=3))
    bench.client.subscribe("book", SYMBOL, depth=10)
    book = V1Book(25)
    book.apply(bench.client.subscribe("book", SYMBOL, depth=25)[1])
    for _ in play(bench.exchange, 300):
        for frame in bench.client.decoded():
            assert frame[-2] == "book-10" or book.apply(frame)
    assert [json.loads(entry["frame"])[-2] for entry in bench.delivered] == ["book-10"] * 3


@pytest.mark.parametrize("side", ["asks", "bids"])
def test_an_empty_side_is_a_true_state_of_the_market(side: Any) -> None:
    bench, book = Bench(Fault("empty_side", SYMBOL, at=4, times=3, side=side)), V1Book(10)
    empty = []
    for place, frame in enumerate(bench.frames(80)):
        assert book.apply(json.loads(frame))
        if not book.top(side, 1):
            empty.append((place, frame))
    assert [place for place, _ in empty] == [4, 5, 6]
    assert [frame for _, frame in empty] == [entry["frame"] for entry in bench.delivered]


@pytest.mark.parametrize("on", ["update", "snapshot"])
def test_a_short_book_is_a_true_state_of_the_market(on: Any) -> None:
    bench, book = Bench(Fault("short_book", SYMBOL, on=on, times=1, levels=6)), V1Book(10)
    short = []
    for frame in bench.frames(200):
        assert book.apply(json.loads(frame))
        if max(len(book.asks), len(book.bids)) <= 6:
            short.append(frame)
    assert [entry["frame"] for entry in bench.delivered] == short[:1]


@pytest.mark.parametrize("name", ["drop_update", "reorder_updates"])
def test_what_is_held_comes_before_the_end_of_the_subscription(name: str) -> None:
    bench = Bench(Fault(name, SYMBOL, at=10**6))
    frames = list(bench.frames(40))
    ended = bench.ask("unsubscribe")
    assert frames + ended[:-1] == truth(40)
    assert (len(ended), json.loads(ended[-1])["status"]) == (2, "unsubscribed")


def rows(frames: list[str], pair: str = SYMBOL) -> list[Any]:
    return [row for frame in map(json.loads, frames) if frame[-1] == pair for row in frame[1]]


def of_rest(bench: Bench) -> dict[int, list[str]]:
    """Trades by id: price and volume as v1 writes them."""
    found = next(iter(result(bench.exchange, "Trades", pair="S0001USD", count="1000").values()))
    return {row[6]: [row[0], row[1]] for row in found}


@pytest.mark.parametrize(("at", "times"), [(1, 1), (3, 5)])
def test_trades_are_lost_and_the_log_has_their_ids(at: int, times: int) -> None:
    fault = Fault("lose_trades", SYMBOL, at=at, times=times)
    bench = Bench(fault, channel="trade")
    expected = truth(800, SYMBOL, OTHER, channel="trade")
    frames = list(bench.frames(800, SYMBOL, OTHER))
    first = len(rows([next(frame for frame in expected if SYMBOL in frame)]))
    every, begin = rows(expected), first + at - 1
    assert rows(frames) == every[:begin] + every[begin + times :]
    assert rows(frames, OTHER) == rows(expected, OTHER)
    lost = [one for entry in bench.delivered for one in entry["trade_ids"]]
    known = of_rest(bench)
    assert [known[one] for one in lost] == [row[:2] for row in every[begin : begin + times]]


def test_of_a_frame_of_several_trades_the_others_come() -> None:
    expected = truth(800, channel="trade")
    several = next(frame for frame in expected[1:] if len(rows([frame])) > 2)
    place = len(rows(expected[1 : expected.index(several)]))
    bench = Bench(Fault("lose_trades", SYMBOL, at=place + 1), channel="trade")
    frames = list(bench.frames(800))
    (entry,) = bench.delivered
    (sent,) = entry["sent"]
    assert (entry["frame"], sent in frames) == (several, True)
    whole, kept = json.loads(several), json.loads(sent)
    assert kept == [whole[0], whole[1][1:], *whole[2:]]


def test_a_frame_of_trades_comes_twice_or_late() -> None:
    expected = truth(600, channel="trade")
    twice = Bench(Fault("duplicate_trades", SYMBOL, at=2), channel="trade")
    assert list(twice.frames(600)) == [*expected[:3], *expected[2:]]
    late = Bench(Fault("reorder_trades", SYMBOL, at=3), channel="trade")
    swapped = [*expected[:3], expected[4], expected[3], *expected[5:]]
    assert list(late.frames(600)) == swapped
    for bench, frame in ((twice, expected[2]), (late, expected[3])):
        (entry,) = bench.delivered
        known = of_rest(bench)
        assert [known[one] for one in entry["trade_ids"]] == [row[:2] for row in rows([frame])]


def status(client: Socket) -> Any:
    return client.next(event="subscriptionStatus")


def subscribe(client: Socket, name: str, *pairs: str, **fields: Any) -> None:
    client.send(event="subscribe", pair=list(pairs), subscription={"name": name}, **fields)


def data(client: Socket, pair: str | None = None) -> Any:
    """The next frame of data, of a pair if one is wanted."""
    while True:
        frame = json.loads(client.text())
        if is_data(frame) and pair in {None, frame[-1]}:
            return frame


def test_an_acknowledgement_is_lost_and_the_data_come() -> None:
    with faulty(f"lose_ack:symbol={OTHER}") as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        subscribe(client, "ticker", OTHER, SYMBOL)
        assert status(client)["pair"] == SYMBOL
        assert data(client, OTHER)
        client.send(event="unsubscribe", pair=[OTHER], subscription={"name": "ticker"})
        assert status(client)["status"] == "unsubscribed"
        (entry,) = delivered(sandbox)
        assert (entry["name"], entry["sent"]) == ("lose_ack", [])
        assert f'"pair":"{OTHER}"' in entry["frame"]


def test_an_acknowledgement_comes_late() -> None:
    with faulty("delay_ack:seconds=6") as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        subscribe(client, "ticker", SYMBOL)
        first = json.loads(client.text()), json.loads(client.text())
        assert is_data(first[1])
        assert status(client)["status"] == "subscribed"
        (entry,) = delivered(sandbox)
        (asked,) = [entry for entry in sandbox.entries if entry["what"] == "receive"]
        assert entry["at"] - asked["at"] >= 6 * SECOND_LENGTH


@pytest.mark.parametrize("channel", ["trade", "ticker", "book", "ohlc", "spread"])
def test_a_subscription_is_acknowledged_and_never_delivers(channel: str) -> None:
    with faulty(f"no_delivery:channel={channel},symbol={OTHER}") as sandbox:
        with Socket(sandbox.addresses.ws_v1) as client:
            subscribe(client, channel, OTHER, SYMBOL)
            assert [status(client)["status"] for _ in range(2)] == ["subscribed"] * 2
            assert {data(client)[-1] for _ in range(60)} == {SYMBOL}
            client.send(event="unsubscribe", pair=[OTHER], subscription={"name": channel})
            assert status(client)["status"] == "unsubscribed"
            subscribe(client, channel, OTHER)
            assert data(client, OTHER)
        (entry,) = delivered(sandbox)
        assert (entry["channel"], entry["sent"]) == (channel, [])


def test_a_symbol_is_refused_in_the_exchange_s_words() -> None:
    with faulty(f"refuse_symbol:symbol={OTHER},channel=trade") as sandbox:
        with Socket(sandbox.addresses.ws_v1) as client:
            subscribe(client, "trade", OTHER)
            refused = status(client)
            assert (refused["errorMessage"], refused["pair"]) == (
                f"Currency pair not supported {OTHER}",
                OTHER,
            )
            subscribe(client, "trade", OTHER)
            assert status(client)["status"] == "subscribed"
        assert [entry["refused"] for entry in delivered(sandbox)] == ["trade"]


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        (1, {"errorMessage": "Exceeded msg rate", "event": "error", "reqid": 42}),
        (2, {"errorMessage": "Exceeded msg rate", "event": "subscriptionStatus", "status": "error"}),
        (3, {"Error": "Exceeded msg rate"}),
    ],
)
def test_a_subscribe_exceeds_the_message_rate(form: int, answer: dict[str, Any]) -> None:
    with faulty(f"exceed_rate:form={form}", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_v1) as client:
            client.next(event="systemStatus")
            subscribe(client, "ticker", SYMBOL, reqid=42)
            assert client.next() == answer
            subscribe(client, "ticker", SYMBOL, reqid=43)
            assert status(client)["status"] == "subscribed"
        assert [entry["name"] for entry in delivered(sandbox)] == ["exceed_rate"]


@pytest.mark.parametrize("api", ["ws_v1", "ws_public"])
def test_a_snapshot_comes_late_and_nothing_overtakes_it(api: str) -> None:
    with faulty(f"late_snapshot:symbol={SYMBOL},seconds=6") as sandbox:
        with Socket(getattr(sandbox.addresses, api)) as client:
            if api == "ws_v1":
                subscribe(client, "book", SYMBOL, OTHER)
            else:
                client.subscribe("book", SYMBOL, OTHER)
            texts = [client.text()]
            while not (SYMBOL in texts[-1] and ('"as":[' in texts[-1] or '"type":"snapshot"' in texts[-1])):
                texts.append(client.text())
            others = [text for text in texts if OTHER in text]
            assert len(others) > 5
            assert sum(SYMBOL in text for text in texts) == 2
            if api == "ws_v1":
                book = V1Book(10)
                assert all(book.apply(frame) for frame in [json.loads(texts[-1]), data(client, SYMBOL)])
        (entry,) = delivered(sandbox)
        (asked,) = [entry for entry in sandbox.entries if entry["what"] == "receive"]
        assert entry["at"] - asked["at"] >= 6 * SECOND_LENGTH
        assert entry["sent"][0] == texts[-1]


def test_the_exchange_ends_a_subscription_unasked() -> None:
    with faulty(f"end_subscription:symbol={OTHER},channel=book,at=4") as sandbox:
        with Socket(sandbox.addresses.ws_v1) as client:
            subscribe(client, "book", OTHER, SYMBOL, reqid=3)
            said = status(client), status(client)
            ended = status(client)
            assert ended == {
                **{key: said[0][key] for key in said[0] if key != "reqid"},
                "status": "unsubscribed",
            }
            assert {data(client)[-1] for _ in range(60)} == {SYMBOL}
            subscribe(client, "book", OTHER)
            assert status(client)["status"] == "subscribed"
            assert "as" in data(client, OTHER)[1]
        assert [entry["name"] for entry in delivered(sandbox)] == ["end_subscription"]


def test_v2_says_the_same_of_a_subscription_that_ends_unasked() -> None:
    spec = f"end_subscription:symbol={OTHER},channel=ticker"
    with faulty(spec) as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("ticker", OTHER)
        ended = client.next(method="unsubscribe")
        expected = {"channel": "ticker", "event_trigger": "trades", "symbol": OTHER}
        assert (ended["result"], ended["success"]) == (expected, True)
        client.subscribe("ticker", OTHER)
        assert client.next(method="subscribe")["success"] is True


def test_maintenance_is_told_without_an_id() -> None:
    with faulty("system:after=3,seconds=2") as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        assert "connectionID" in client.next(event="systemStatus")
        subscribe(client, "spread", SYMBOL)
        states = [client.next(event="systemStatus") for _ in range(4)]
        assert [state["status"] for state in states] == ["maintenance", "cancel_only", "post_only", "online"]
        assert all("connectionID" not in state for state in states)
        assert [entry["system"] for entry in delivered(sandbox)] == [state["status"] for state in states]


@pytest.mark.parametrize("heartbeats", [True, False])
def test_silence_with_and_without_heartbeats(heartbeats: bool) -> None:
    spec = f"stall:after=6,seconds=30,heartbeats={str(heartbeats).lower()}"
    with faulty(spec) as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        subscribe(client, "book", SYMBOL)
        book = V1Book(10)
        while not delivered(sandbox):
            client.text()
        for _ in range(40):
            client.text()
    (entry,) = delivered(sandbox)
    assert entry["heartbeats"] is heartbeats
    sent = [one for one in sandbox.entries if one["what"] == "send" and one["connection"] == 1]
    frames = [json.loads(one["frame"]) for one in sent]
    assert all(book.apply(frame) for frame in frames if is_data(frame))
    # The log has the fault before the last frame that it let pass.
    _, *later = [one for one in sent if one["n"] > entry["n"]]
    during = [one for one in later if one["at"] < entry["at"] + 29 * SECOND_LENGTH]
    kinds = {json.loads(one["frame"])["event"] for one in during}
    assert kinds == ({"heartbeat"} if heartbeats else set())


@pytest.mark.parametrize("spec", ["drop_connection:after=5", "close:after=5,code=1012"])
def test_a_connection_is_cut_or_closed(spec: str) -> None:
    with faulty(spec) as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        subscribe(client, "book", SYMBOL)
        texts = 0
        if spec.startswith("close"):
            while client.message()[0] == 1:
                texts += 1
        else:
            texts = len(list(client.texts()))
        assert texts == 5
        assert len(delivered(sandbox)) == 1


@pytest.mark.parametrize("name", ["garbage", "huge", "truncated", "fragmented"])
def test_strange_frames(name: str) -> None:
    with faulty(f"{name}:after=6") as sandbox, Socket(sandbox.addresses.ws_v1) as client:
        subscribe(client, "book", SYMBOL)
        texts = [client.text() for _ in range(12)]
        (entry,) = delivered(sandbox)
    strange = [text for text in texts if not is_json(text) or "sandbox_huge" in text]
    if name == "fragmented":
        assert (strange, entry["frame"] in texts) == ([], True)
    elif name == "huge":
        assert [(len(text), json.loads(text)[-2]) for text in strange] == [(1 << 21, "sandbox_huge")]
    else:
        assert entry["sent"] == strange


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
