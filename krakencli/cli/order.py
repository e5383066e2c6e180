"""`order`: the commands that trade, each loaded when it is called."""

from importlib import import_module

import click

from krakencli.cli.help import HelpfulGroup, write_examples

COMMANDS = {
    "add": ("krakencli.cli.order_add", "Place one order."),
    "amend": ("krakencli.cli.order_amend", "Change an open order in place."),
    "edit": ("krakencli.cli.order_edit", "Replace an open order by a new one; amend is better."),
    "cancel": ("krakencli.cli.order_cancel", "Cancel orders by their ids."),
    "cancel-all": ("krakencli.cli.order_cancel_all", "Cancel all open orders."),
    "cancel-after": ("krakencli.cli.order_cancel_after", "Cancel all orders when a timer runs out."),
    "batch-add": ("krakencli.cli.order_batch_add", "Place 2 to 15 orders of one pair at once."),
    "batch-cancel": ("krakencli.cli.order_batch_cancel", "Cancel 2 to 50 orders at once."),
}
"""Where each is, and what the list of commands says of it."""


class OrderCommands(HelpfulGroup):
    """Knows the commands by name and builds just the one that is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def summaries(self) -> list[tuple[str, str]]:
        return [(name, summary) for name, (_, summary) in COMMANDS.items()]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        write_examples(formatter, self.examples)
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries())
        formatter.write_paragraph()
        formatter.write_text("kraken-stream order COMMAND --help tells more, with examples.")

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(COMMANDS[name][0]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0].lower(), COMMANDS, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"order has no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)


command = OrderCommands(
    "order",
    help="Trade over the authenticated WebSocket, or over REST with --via rest.",
    examples=(
        ("kraken-stream order add buy 0.01 BTC/USD --price 60000 --dry-run", "see what would be sent"),
        ("kraken-stream order add buy 0.01 BTC/USD --price 60000 --validate", "let the exchange check it"),
        ("kraken-stream order cancel OABCDE-FGHIJ-KLMNOP", "cancel an order"),
    ),
)
