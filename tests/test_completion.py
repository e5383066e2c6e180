"""Completion in the shells themselves: each one is asked what it would offer for a line.

The scripts are those of `completions/`. Pair names come from a list that is kept on this machine; a sandbox
gives one that is put there first. The lines are completed without any exchange.
"""

import os
import pty
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from krakencli.cli.completion import FILES, script
from krakencli.rest import pairs
from krakencli.rest.client import Client
from krakencli.sandbox import Sandbox

SCRIPTS = Path(__file__).parents[1] / "completions"
Machine = dict[str, str]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """An environment with the program on its PATH and a kept list of pairs."""
    home = tmp_path_factory.mktemp("home")
    with Sandbox() as exchange:
        rest = exchange.addresses.rest
        kept = pairs.load(
            lambda: Client(rest), "https://api.kraken.com", home / "cache" / "kraken-stream", 0.0
        )
    assert {pair.symbol for pair in kept.pairs} >= {"BTC/USD", "BTC/EUR", "ETH/USD"}
    program = home / "bin" / "kraken-stream"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m krakencli "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "ZDOTDIR": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }


def bash(line: str, machine: Machine) -> set[str]:
    """Calls what `complete -p` names for the program, with the variables that readline would set."""
    ask = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        registered=($(complete -p kraken-stream))
        "${registered[-2]}" kraken-stream
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    return _printed(["bash", "-c", ask, "bash", str(SCRIPTS / FILES["bash"]), *line.split(" ")], machine)


def fish(line: str, machine: Machine) -> set[str]:
    ask = f"source {SCRIPTS / FILES['fish']}; complete --do-complete {shlex.quote(line)}"
    return {row.partition("\t")[0] for row in _printed(["fish", "--no-config", "-c", ask], machine)}


def zsh(line: str, machine: Machine) -> set[str]:
    """Completes in the line editor, on a terminal; a `compadd` before zsh's own notes the offers."""
    offers = Path(machine["HOME"], "offers")
    offers.unlink(missing_ok=True)
    Path(machine["HOME"], ".zshrc").write_text(f"""
        fpath=({SCRIPTS} $fpath)
        autoload -Uz compinit; compinit -u -d "$HOME/dump"
        compadd() {{
            local -a offered
            builtin compadd -O offered "$@"
            print -rl -- $offered >> {offers}
            builtin compadd "$@"
        }}
        zle-line-init() {{
            BUFFER={shlex.quote(line)} CURSOR={len(line)}
            zle complete-word
            BUFFER=exit
            zle accept-line
        }}
        zle -N zle-line-init
    """)
    _on_a_terminal(["zsh", "-d", "-i"], machine)
    return set(offers.read_text().split()) if offers.exists() else set()


def _printed(command: list[str], machine: Machine) -> set[str]:
    run = subprocess.run(command, env=machine, capture_output=True, text=True, check=False, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    return set(run.stdout.splitlines()) - {""}


def _on_a_terminal(command: list[str], machine: Machine) -> None:
    ours, its = pty.openpty()
    with subprocess.Popen(
        command, env=machine, stdin=its, stdout=its, stderr=its, start_new_session=True
    ) as job:
        os.close(its)
        with suppress(OSError):  # EIO: the other side has closed the terminal
            while os.read(ours, 65536):
                pass
        os.close(ours)
        assert job.wait(60) == 0


@pytest.fixture(params=[bash, zsh, fish], ids=lambda shell: shell.__name__)
def offered(request: pytest.FixtureRequest, machine: Machine) -> Callable[[str], set[str]]:
    """What a shell offers for a line."""
    shell = request.param
    if shutil.which(shell.__name__) is None:
        pytest.skip(f"{shell.__name__} is not installed")
    return lambda line: shell(line, machine)


@pytest.mark.parametrize("shell", FILES)
def test_the_files_are_what_the_program_prints(shell: str) -> None:
    assert (SCRIPTS / FILES[shell]).read_text(encoding="utf-8") == script(shell)
    assert {path.name for path in SCRIPTS.iterdir()} == set(FILES.values())


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("kraken-stream t", {"ticker", "trade", "token"}),
        ("kraken-stream ohlc --int", {"--interval"}),
        ("kraken-stream ticker --sand", {"--sandbox", "--sandbox-url"}),
        ("kraken-stream ticker -f ", {"auto", "table", "jsonl", "csv", "raw"}),
        ("kraken-stream ohlc -i 14", {"1440", "1440m"}),
        ("kraken-stream book -d 10", {"10", "100", "1000"}),
        ("kraken-stream ticker --event-trigger b", {"bbo"}),
        ("kraken-stream completion ", {"bash", "zsh", "fish"}),
        ("kraken-stream ticker BTC/", {"BTC/USD", "BTC/EUR"}),
        ("kraken-stream ticker btc/u", {"BTC/USD"}),
        ("kraken-stream trade BTC/USD ETH/U", {"ETH/USD"}),
        ("kraken-stream pairs SHIB", {"SHIB/USD"}),
        ("kraken-stream ticker NOTHING", set()),
    ],
)
def test_a_shell_offers(offered: Callable[[str], set[str]], line: str, wanted: set[str]) -> None:
    assert offered(line) == wanted
