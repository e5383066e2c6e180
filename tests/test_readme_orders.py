"""The README's table of the options of `order` is the program's."""

import click
from test_readme import compare, option_row, rows, section

from krakencli.cli.credential_options import credential_options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import endpoint_options, quiet_options
from krakencli.cli.order import COMMANDS, command


def due() -> list[tuple[str, ...]]:
    """Commands, option, words; what all streams have, or all that use a key, is left out."""
    everywhere = (*endpoint_options(), *quiet_options(), *credential_options())
    shared = {option_row(option) for option in everywhere if isinstance(option, click.Option)}
    groups: dict[tuple[str, str], list[str]] = {}
    for name in COMMANDS:
        one = command.get_command(click.Context(command), name)
        assert isinstance(one, HelpfulCommand)
        assert one.examples
        for option in one.params:
            if isinstance(option, click.Option) and option_row(option) not in shared:
                groups.setdefault(option_row(option), []).append(f"`{name}`")
    all_of_them = [f"`{name}`" for name in COMMANDS]
    return [
        ("all" if names == all_of_them else ", ".join(names), option, words)
        for (option, words), names in groups.items()
    ]


def test_the_options_of_order_are_those_of_the_program() -> None:
    compare(rows(section("Options of order")), due())


def test_its_commands_are_those_of_the_program() -> None:
    table = section("Orders that are never sent twice")
    compare(rows(table), [(f"`order {name}`", words) for name, (_, words) in COMMANDS.items()])
