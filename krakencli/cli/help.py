"""Help that begins with examples, because that is what people look for."""

import os
from collections.abc import Sequence
from typing import Any

import click

Examples = Sequence[tuple[str, str]]


class HelpfulCommand(click.Command):
    """A command with `examples` (command line, what it does) before its options and `notes` after them."""

    def __init__(self, *args: Any, examples: Examples = (), notes: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.notes = notes

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        write_examples(formatter, self.examples)
        self.format_options(ctx, formatter)
        for note in self.notes:
            formatter.write_paragraph()
            formatter.write_text(note)


class HelpfulGroup(click.Group):
    """A group that lists its commands from `summaries`, without building them."""

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def summaries(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        write_examples(formatter, self.examples)
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries())
        click.Command.format_options(self, ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(f"{ctx.command_path} COMMAND --help tells more, with examples.")


def help_width() -> int:
    """Columns for help: the terminal's, at most 100. Click's own look at it imports compression libraries."""
    try:
        return min(os.get_terminal_size().columns, 100)
    except (OSError, ValueError):
        return 80


def write_examples(formatter: click.HelpFormatter, examples: Examples) -> None:
    """Each example is a comment and a line that can be copied, never wrapped."""
    if not examples:
        return
    with formatter.section("Examples"):
        for line, comment in examples:
            formatter.write(f"  # {comment}\n  {line}\n")
