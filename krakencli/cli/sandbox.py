"""`sandbox`: serves the embedded exchange to other programs, until it is ended."""

from pathlib import Path
from typing import Any

import click

from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import Duration, Moment
from krakencli.errors import UnreachableError, UsageError


def _run(
    symbols: tuple[str, ...],
    fault: tuple[str, ...],
    account: tuple[str, ...],
    duration: float | None,
    **options: Any,
) -> None:
    from krakencli.cli.exchange import require_sandbox

    require_sandbox()
    import json
    import threading
    from dataclasses import asdict

    from krakencli.sandbox import AccountSettings, Fault, Sandbox, Settings, UnfitFaultError
    from krakencli.symbols import respell

    names = tuple(respell(name) or name for text in symbols for name in text.split(",") if name)
    try:
        accounts = tuple(AccountSettings.parse(spec) for spec in account)
    except ValueError as error:
        raise UsageError(
            f"--account: {error}", suggestion="write it as KEY:SECRET:USD=10000,BTC=1, the secret in base64"
        ) from None
    try:
        faults = tuple(Fault.parse(spec) for spec in fault)
        server = Sandbox(Settings(symbols=names, faults=faults, accounts=accounts, **options))
    except UnfitFaultError as error:
        raise UsageError(
            f"--fault: {error}", suggestion="write it as drop_connection:after=50, field after field"
        ) from None
    except ValueError as error:
        raise UsageError(str(error), suggestion="leave --symbols out for all pairs and assets") from None
    except OSError as error:
        raise UsageError(
            f"cannot write {options['log']}: {(error.strerror or str(error)).lower()}",
            suggestion="name another --log",
        ) from None
    try:
        addresses = server.start()
    except OSError as error:
        raise UnreachableError(
            f"cannot listen on {options['host']}:{options['port']}: {(error.strerror or str(error)).lower()}",
            suggestion="choose another --port, or 0 for a free one",
        ) from None
    try:
        shown = asdict(addresses)
        if server.ca_file is not None:
            shown["ca_file"] = str(server.ca_file)
        click.echo(json.dumps(shown, separators=(",", ":")))
        threading.Event().wait(duration)
    finally:
        server.stop()


command = HelpfulCommand(
    "sandbox",
    params=[
        click.Option(["--host"], default="127.0.0.1", show_default=True, help="Address to listen on."),
        click.Option(
            ["--port"], type=click.IntRange(0, 65535), default=0, show_default="a free one", help="Port."
        ),
        click.Option(
            ["--tls"], is_flag=True, help="Serve https and wss with a certificate of its own (see ca_file)."
        ),
        click.Option(
            ["--seed"], type=int, default=1, show_default=True, help="The same seed gives the same market."
        ),
        click.Option(
            ["--start"],
            type=Moment(),
            help="Where the market's clock begins; with it, runs of one seed are equal to the byte.",
        ),
        click.Option(
            ["--rate"],
            type=click.FloatRange(min=0),
            default=50.0,
            show_default=True,
            metavar="EVENTS",
            help="Events of order flow a second, over all symbols.",
        ),
        click.Option(
            ["--speed"],
            type=click.IntRange(1, 3600),
            default=1,
            show_default=True,
            metavar="N",
            help="Let the market's time pass N times as fast; 60 is a candle each second.",
        ),
        click.Option(
            ["--symbols"], multiple=True, metavar="SYMBOL[,SYMBOL]...", help="List only these pairs."
        ),
        click.Option(
            ["--synthetic"],
            type=click.IntRange(0, 10000),
            default=0,
            metavar="N",
            help="List N invented pairs besides.",
        ),
        click.Option(
            ["--fault"],
            multiple=True,
            metavar="SPEC",
            help="Let something go wrong: NAME or NAME:FIELD=VALUE,FIELD=VALUE.",
        ),
        click.Option(
            ["--account"],
            multiple=True,
            metavar="SPEC",
            help="Open one more account: KEY:SECRET:USD=10000,BTC=1.",
        ),
        click.Option(
            ["--log"],
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write JSON lines of what it did and sent.",
        ),
        click.Option(["--duration"], type=Duration(), help="End after this long."),
    ],
    callback=_run,
    help="Serve an embedded exchange that speaks Kraken's protocol, for tests and for working offline.",
    examples=(
        ("kraken-stream sandbox --port 8080", "serve; prints its addresses as JSON"),
        ("kraken-stream ticker BTC/USD --sandbox-url http://127.0.0.1:8080", "join it from another shell"),
        ("kraken-stream sandbox --seed 7 --rate 2000 --symbols BTC/USD,ETH/USD", "a busy, repeatable market"),
        (
            "kraken-stream sandbox --fault drop_connection:after=50",
            "cut the first connection after 50 frames",
        ),
        ("kraken-stream sandbox --account KEY:c2VjcmV0:USD=500,tier=starter", "an account of your own"),
        ("kraken-stream sandbox --fault wrong_checksum:symbol=BTC/USD,times=3", "three wrong checksums"),
    ),
    notes=(
        "Prices are invented: a seeded market of its own, with real precisions and true checksums.",
        "Faults of connections: drop_connection, close, refuse_handshake, stall, system, garbage, truncated, "
        "fragmented, huge. Of subscriptions: lose_ack, delay_ack, no_delivery, late_snapshot, "
        "end_subscription, refuse_symbol, exceed_rate. Of trades: lose_trades, duplicate_trades, "
        "reorder_trades. Of books: drop_update, reorder_updates, wrong_digit, wrong_checksum, "
        "missing_snapshot, remove_twice, empty_side, short_book. Of REST: "
        "rest_late, rest_lag, rest_lost, rest_status, rest_error. Of accounts: expire_token, "
        "invalid_session, lose_answer, delay_answer, cut_answer, lose_reports, no_reports.",
        "Two accounts for demonstrations are always open; GET /sandbox tells this machine their keys. What "
        "a key may do stands beside its balances: "
        "rights=funds+open-orders+closed-orders+trade+cancel+websocket.",
        "A fault acts 'times' times; a wrong field is answered with those that the fault has. While it runs "
        "the same fields are taken as JSON: POST /sandbox/fault. --log tells each when it is delivered.",
    ),
)
