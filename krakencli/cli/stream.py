"""The commands that stream, made from their channels."""

from typing import Any

import click

from krakencli.cli.credential_options import NAMES
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import channel_options, stream_options
from krakencli.cli.state import State
from krakencli.model import Channel

WHERE = ("sandbox", "sandbox_url", "url", "insecure_plaintext", "ca_file", *NAMES)
"""The options that name an exchange and a key; `exchange` takes them, with `api`."""


def place(options: dict[str, Any]) -> dict[str, Any]:
    """Take them out of a command's options; which API is spoken is the stream's business too."""
    return {"api": options["api"], **{name: options.pop(name) for name in WHERE if name in options}}


def stream_command(channel: Channel) -> click.Command:
    """The command of one channel."""
    return HelpfulCommand(
        channel.name,
        params=[*channel_options(channel), *stream_options()],
        callback=click.pass_obj(lambda state, **options: _run(channel, state, options)),
        help=channel.summary,
        short_help=channel.summary,
        examples=channel.examples,
        notes=channel.notes,
    )


def _run(channel: Channel, state: State, options: dict[str, Any]) -> int:
    from krakencli.cli.choices import choose, symbols_of, wanted
    from krakencli.cli.exchange import exchange

    where = place(options)
    state.take_verbosity(options)
    choices = choose(channel, state, options)
    with exchange(state, host=channel.host, **where) as found:
        from krakencli.cli.assemble import Part, stream

        symbols = symbols_of(choices, found, state)
        return stream([Part(channel.name, choices, symbols, wanted(choices, symbols))], found, state)
