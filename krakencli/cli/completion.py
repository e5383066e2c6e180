"""`completion`: the script that teaches a shell the commands, options, choices and pair names.

The same texts stand in `completions/`; a test compares them with what is generated here.
"""

import click
from click.shell_completion import get_completion_class

from krakencli.cli.help import HelpfulCommand

FILES = {"bash": "kraken-stream.bash", "zsh": "_kraken-stream", "fish": "kraken-stream.fish"}
_PROGRAM, _VARIABLE = "kraken-stream", "_KRAKEN_STREAM_COMPLETE"


def script(shell: str) -> str:
    """The completion script of a shell, one of FILES."""
    kind = get_completion_class(shell)
    assert kind is not None
    completer = kind(click.Command(_PROGRAM), {}, _PROGRAM, _VARIABLE)
    return kind.source_template % completer.source_vars() + "\n"


def _run(shell: str) -> None:
    click.echo(script(shell), nl=False)


command = HelpfulCommand(
    "completion",
    params=[click.Argument(["shell"], type=click.Choice(tuple(FILES)))],
    callback=_run,
    help="Print the completion script of a shell.",
    examples=(
        ('eval "$(kraken-stream completion bash)"', "bash, in ~/.bashrc"),
        ('eval "$(kraken-stream completion zsh)"', "zsh, in ~/.zshrc"),
        ("kraken-stream completion fish > ~/.config/fish/completions/kraken-stream.fish", "fish"),
    ),
)
