"""`keys`: profiles of API keys in the user's file or keyring, and what a key may do."""

from typing import TYPE_CHECKING, Any

import click

from krakencli.cli.credential_options import (
    credential_options,
    credentials_of,
    profile_option,
    tier_option,
)
from krakencli.cli.help import HelpfulCommand, HelpfulGroup
from krakencli.cli.options import endpoint_options, quiet_options
from krakencli.cli.state import State

if TYPE_CHECKING:
    from krakencli.cli.key_test import Tried
    from krakencli.credentials.store import Store

SUMMARIES = {
    "set": "Keep a key and its secret.",
    "show": "List profiles and where keys come from, masked.",
    "test": "Try what the key may do.",
    "remove": "Forget a profile.",
}


class Keys(HelpfulGroup):
    def summaries(self) -> list[tuple[str, str]]:
        return list(SUMMARIES.items())


def _set(state: State, profile: str | None, tier: str | None, keyring: bool, **options: Any) -> None:
    import sys

    from krakencli.cli.credential_options import ask
    from krakencli.credentials import checked, vault
    from krakencli.credentials.files import from_lines
    from krakencli.credentials.store import Profile, checked_name, put, was_shared

    state.take_verbosity(options)
    store = _store()
    name = checked_name(profile or store.default)
    if keyring:
        vault.require()
    if sys.stdin is not None and not sys.stdin.isatty():
        given = from_lines(sys.stdin.buffer)
    else:
        pair = (ask("API key: ", "KRAKEN_API_KEY"), ask("Private key (the secret): ", "KRAKEN_API_SECRET"))
        given = checked(*pair, names=("what was typed as the key", "what was typed as the secret"))
    if keyring:
        vault.put(name, given.key, given.secret)
        put(store.path, Profile(name, "", "", tier or "", keyring=True))
    else:
        if was_shared(store):
            state.talk().say(f"{store.path} could be read by others until now: think of new keys")
        put(store.path, Profile(name, given.key, given.secret, tier or ""))
        if name in store.profiles and store.profiles[name].keyring:
            vault.drop(name)
    click.echo(f"profile {name}: key {given.masked_key} is in {'the keyring' if keyring else store.path}")


def _show(state: State, as_json: bool, **options: Any) -> None:
    from krakencli.cli.key_lists import as_lines, as_table, sources

    state.take_verbosity(options)
    state.json_errors = as_json
    listed = sources(state.environ, _store(for_secrets=True))
    click.echo((as_lines if as_json else as_table)(listed), nl=False)


def _test(state: State, as_json: bool, **options: Any) -> int:
    from krakencli.background import run as in_background
    from krakencli.cli.exchange import exchange
    from krakencli.cli.key_test import as_lines, as_table, try_all

    state.take_verbosity(options)
    state.json_errors = as_json
    keys = credentials_of(state, options)
    with exchange(state, credentials=keys, **options) as found:
        credentials, talk = found.credentials(), state.talk()
        source = "the sandbox" if found.demo else keys.found().source

        def ask() -> "Tried":
            with found.client(talk.say) as client:
                return try_all(client, credentials)

        tried = in_background(ask)
    heading = f"key {credentials.masked_key} from {source}"
    click.echo(as_lines(tried) if as_json else as_table(heading, tried), nl=False)
    return tried.status


def _remove(state: State, profile: str | None, **options: Any) -> None:
    from krakencli.credentials import vault
    from krakencli.credentials.store import drop

    state.take_verbosity(options)
    store = _store()
    found = store.profile(profile or store.default)
    if found.keyring:
        vault.drop(found.name)
    drop(store.path, found.name)
    click.echo(f"profile {found.name} is removed from {store.path}{' and the keyring' * found.keyring}")


def _store(*, for_secrets: bool = False) -> "Store":
    from krakencli.cli.credential_options import config_path
    from krakencli.credentials.store import load
    from krakencli.errors import CredentialsError

    path = config_path()
    if path is None:
        raise CredentialsError("you have no home directory to keep keys in", suggestion="set XDG_CONFIG_HOME")
    return load(path, for_secrets=for_secrets)


command = Keys(
    "keys",
    help="Keep API keys in profiles, and see what they may do.",
    examples=(
        ("kraken-stream keys set", "asks for key and secret, unseen"),
        ("pass show kraken | kraken-stream keys set --profile trading", "from a pipe, two lines"),
        ("kraken-stream keys test --profile trading", "what may this key do?"),
    ),
    commands=[
        HelpfulCommand(
            "set",
            params=[
                profile_option("Its name; without it the default profile."),
                click.Option(
                    ["--keyring"], is_flag=True, help="Keep it in the system's keyring, not in the file."
                ),
                tier_option(),
                *quiet_options(),
            ],
            callback=click.pass_obj(_set),
            help="Keep a key and its secret, asked for on the terminal or read from two lines of stdin.",
            short_help=SUMMARIES["set"],
            examples=(
                ("kraken-stream keys set", "asks for both, unseen"),
                ("kraken-stream keys set --profile trading --tier pro < two-lines", "from a file or a pipe"),
            ),
            notes=(
                "They go into config.toml, which only you can read; what else it holds stays as it is. The"
                " first profile is the default one. One key for each program: see the README.",
            ),
        ),
        HelpfulCommand(
            "show",
            params=[
                click.Option(["--json", "as_json"], is_flag=True, help="One JSON object a source."),
                *quiet_options(),
            ],
            callback=click.pass_obj(_show),
            help="List profiles and other sources of keys, in the order in which they are asked, masked.",
            short_help=SUMMARIES["show"],
            examples=(("kraken-stream keys show", "which key would be used?"),),
        ),
        HelpfulCommand(
            "test",
            params=[
                click.Option(["--json", "as_json"], is_flag=True, help="One JSON object a right."),
                *credential_options(),
                *endpoint_options(websocket=False),
                *quiet_options(),
            ],
            callback=click.pass_obj(_test),
            help="Try what the key may do, and name the rights that it lacks. No order is sent.",
            short_help=SUMMARIES["test"],
            examples=(
                ("kraken-stream keys test", "the key that commands would use"),
                ("kraken-stream keys test --json | jq 'select(.granted == false).right'", "what it lacks"),
                ("kraken-stream keys test --sandbox", "try it without keys"),
            ),
            notes=(
                "The status is 0 for a key that may do anything at all, 77 for one that is refused or may do"
                " nothing.",
            ),
        ),
        HelpfulCommand(
            "remove",
            params=[profile_option("Its name; without it the default profile."), *quiet_options()],
            callback=click.pass_obj(_remove),
            help="Forget a profile, in the file and in the keyring.",
            short_help=SUMMARIES["remove"],
            examples=(("kraken-stream keys remove --profile trading", "the others stay"),),
            notes=("It does not end the key itself: that is done on kraken.com under Settings > API.",),
        ),
    ],
)  # fmt: skip
