"""Where `token` takes its key from: every source, which goes before which, and what is refused."""

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from .kit import Shims
from .program import COMMAND, Ended, Program, eventually
from .server import Peer, Server
from .terminal import Terminal

TOKEN = "TOKENtokenTOKENtokenTOKENtokenTOKENtokenTOK"
SECRET = "c2VjcmV0" * 11


def key(name: str) -> str:
    """A public key that says where it is from."""
    return f"{name}-key-" + "k" * 40


def environ(name: str) -> dict[str, str]:
    return {"KRAKEN_API_KEY": key(name), "KRAKEN_API_SECRET": SECRET}


def profile(name: str, more: str = "") -> str:
    return f'[profiles.{name}]\napi_key = "{key(name)}"\napi_secret = "{SECRET}"\n{more}\n'


@dataclass
class Desk:
    """The program beside an exchange that notes which key asks it for a token."""

    program: Program
    server: Server
    home: Path

    def run(self, *arguments: str, **popen: object) -> Ended:
        env = {"KRAKEN_SPOT_URL": self.server.rest, **popen.pop("env", {})}  # type: ignore[dict-item]
        return self.program.run("token", *arguments, env=env, **popen)

    def piped(self, text: str, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        """With `text` on standard input."""
        file = self.home / "stdin"
        file.write_text(text)
        with file.open("rb") as stdin:
            return self.run(*arguments, stdin=stdin, env=env or {})

    def config(self, text: str, mode: int = 0o600) -> Path:
        path = Path(self.program.environ["XDG_CONFIG_HOME"], "kraken-stream", "config.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def file(self, name: str, text: str, mode: int = 0o600) -> str:
        path = self.home / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def asked_with(self, ended: Ended) -> str:
        """The name of the key that the exchange saw, once it is seen that the token came."""
        assert (ended.status, ended.out, ended.err) == (0, TOKEN + "\n", "")
        return self.server.peers[-1].headers["api-key"].split("-")[0]


@pytest.fixture
def desk(program: Program, tmp_path: Path) -> Iterator[Desk]:
    answer = {"error": [], "result": {"token": TOKEN, "expires": 900}}
    with Server(Peer.hang, rest=lambda peer: peer.answer(answer)) as server:
        yield Desk(program, server, tmp_path)


def refused(desk: Desk, ended: Ended, status: int, *words: str) -> None:
    """One line with these words, no secret in it, and nothing was sent."""
    assert (ended.status, ended.out) == (status, ""), ended
    line = ended.error
    assert [word for word in words if word not in line] == [], line
    assert SECRET[:16] not in line
    assert desk.server.peers == []


def test_two_files(desk: Desk) -> None:
    files = ("--api-key-file", desk.file("key", f" {key('files')}\n", 0o644))
    files += ("--api-secret-file", desk.file("secret", f"{SECRET}\r\n"))
    assert desk.asked_with(desk.run(*files, env=environ("environment"))) == "files"


def test_a_secret_from_a_password_manager_by_the_shells_substitution(desk: Desk) -> None:
    line = shlex.join([*COMMAND, "token", "--api-key-file"])
    script = f"{line} <(echo {key('shell')}) --api-secret-file <(echo {SECRET})"
    ended = desk.program.start_other(
        ["bash", "-c", script], env={"KRAKEN_SPOT_URL": desk.server.rest}
    ).ended()
    assert desk.asked_with(ended) == "shell"


def test_two_lines_of_stdin(desk: Desk) -> None:
    ended = desk.piped(f"{key('stdin')}\n{SECRET}\n", "--credentials-stdin", env=environ("environment"))
    assert desk.asked_with(ended) == "stdin"


def test_stdin_is_left_alone_unless_it_is_asked_for(desk: Desk) -> None:
    desk.config(profile("default"))
    assert desk.asked_with(desk.piped(f"{key('stdin')}\n{SECRET}\n")) == "default"


def test_a_named_profile_goes_before_the_environment_and_that_before_the_default_one(desk: Desk) -> None:
    desk.config('default_profile = "main"\n' + profile("main") + profile("other"))
    assert desk.asked_with(desk.run("--profile", "other", env=environ("environment"))) == "other"
    assert desk.asked_with(desk.run(env=environ("environment"))) == "environment"
    assert desk.asked_with(desk.run()) == "main"
    desk.config(profile("default") + profile("other"))
    assert desk.asked_with(desk.run()) == "default"


def test_the_order_does_not_fall_through_half_a_key(desk: Desk) -> None:
    desk.config(profile("default"))
    half = {"KRAKEN_API_KEY": key("environment")}
    refused(desk, desk.run(env=half), 78, "KRAKEN_API_SECRET is not set", "kraken-stream keys set")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o622])
def test_a_file_that_others_can_read_is_refused(desk: Desk, mode: int) -> None:
    path = desk.config(profile("default"), mode)
    words = (f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}")
    refused(desk, desk.run(), 78, *words)
    refused(desk, desk.run("--profile", "default"), 78, *words)
    path.chmod(0o600)
    assert desk.asked_with(desk.run()) == "default"


def test_a_secret_file_that_others_can_read_is_refused(desk: Desk) -> None:
    secret = desk.file("my secret", SECRET, 0o644)
    files = ("--api-key-file", desk.file("key", key("files")), "--api-secret-file", secret)
    refused(desk, desk.run(*files), 78, f"chmod 600 '{secret}'", "mode 644")


def test_a_shared_file_matters_only_where_its_secrets_are_used(desk: Desk) -> None:
    desk.config(profile("default"), 0o644)
    assert desk.asked_with(desk.run(env=environ("environment"))) == "environment"
    desk.config('tier = "pro"\n[profiles.default]\nkeyring = true\n', 0o644)
    assert "mode" not in desk.run().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api_key = 'x", ["is no TOML", "its end"]),
        (f"[profiles.default]\napi_secret = {SECRET}", ["is no TOML", "line 2"]),
        (f"[profiles.default]\napi_secret = '{SECRET}'", ["'default' has no api_key"]),
        ("[profiles.default]\napi_key = 7\napi_secret = 'x'", ["api_key is a text"]),
        ("profiles = 3", ["[profiles.NAME]"]),
        ("[profiles]\ndefault = 'x'", ["[profiles.NAME]"]),
        ("tier = 'gold'", ["starter, intermediate, pro"]),
        ("[profiles.default]\nkeyring = 'yes'", ["true or false"]),
        (f"[profiles.default]\napi_key = 'a b'\napi_secret = '{SECRET}'", ["profile default", "no key has"]),
        ("[profiles.default]\napi_key = 'key'\napi_secret = 'no base64!'", ["profile default", "base64"]),
        ("[profiles.default]\n", ["'default' has no key", "kraken-stream keys set --profile default"]),
        ("default_profile = 'gone'\n[profiles.main]\n", ["no profile 'gone'", "--profile (main)"]),
        ("", ["KRAKEN_API_KEY and KRAKEN_API_SECRET are not set", "config.toml has no profile", "keys set"]),
    ],
)  # fmt: skip
def test_a_file_without_a_usable_key(desk: Desk, text: str, words: list[str]) -> None:
    desk.config(text)
    refused(desk, desk.run(), 78, *words)


def test_what_is_no_text_at_all(desk: Desk) -> None:
    path = desk.config("")
    path.write_bytes(b"\xff\xfe")
    refused(desk, desk.run(), 78, "not UTF-8")


def test_a_profile_that_is_not_there(desk: Desk) -> None:
    desk.config(profile("main"))
    ended = desk.run("--profile", "other", env=environ("environment"))
    refused(desk, ended, 78, "no profile 'other'; it has main", "keys set --profile other")
    refused(desk, desk.run("--profile", "a/b"), 2, "'a/b' is no name of a profile")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read(desk: Desk) -> None:
    path = desk.config(profile("default"), 0o000)
    refused(desk, desk.run(), 78, f"cannot read {path}: permission denied")


def test_files_that_cannot_be_used(desk: Desk) -> None:
    there = desk.file("key", key("files"))
    for secret, words in (("/nowhere/at/all", "no such file"), (desk.file("empty", " \n"), "is empty")):
        files = ("--api-key-file", there, "--api-secret-file", secret)
        refused(desk, desk.run(*files), 78, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no key"),
        (f"{key('stdin')}\n", "holds no secret"),
        (f"\n{SECRET}\n", "holds no key"),
        (f"{key('stdin')}\nno base64!\n", "second line is not base64"),
        (f"two words\n{SECRET}\n", "first line of standard input"),
    ],
)
def test_lines_that_hold_no_key(desk: Desk, text: str, words: str) -> None:
    refused(desk, desk.piped(text, "--credentials-stdin"), 78, words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--api-key-file here", "go together"),
        ("--api-secret-file here", "go together"),
        ("--api-key-file here --api-secret-file here --profile main", "exclude one another"),
        ("--credentials-stdin --profile main", "exclude one another"),
        ("--sandbox --profile main", "leave out --profile"),
        ("--sandbox-url http://127.0.0.1:1 --credentials-stdin", "leave out --credentials-stdin"),
        ("--api-secret c2VjcmV0", "--api-secret"),
        ("--ask-otp", "KRAKEN_API_OTP"),
        ("--json --export", "exclude one another"),
    ],
)
def test_options_that_do_not_go_together(desk: Desk, line: str, words: str) -> None:
    refused(desk, desk.run(*line.split(), env=environ("environment")), 2, words)


def test_stdin_that_is_a_terminal_is_no_source(desk: Desk) -> None:
    with Terminal(desk.program) as terminal:
        terminal.start([*COMMAND, "token", "--credentials-stdin"])
        ended = terminal.ended()
    assert ended.status == 2
    assert "standard input is a terminal" in ended.out
    assert desk.server.peers == []


def test_stdin_that_is_closed_is_no_source(desk: Desk) -> None:
    ended = desk.program.shell("kraken-stream token --credentials-stdin <&-")
    refused(desk, ended, 2, "standard input is closed")


def otp_of(peer: Peer) -> list[str]:
    return parse_qs(peer.body.decode()).get("otp", [])


def test_a_second_factor_is_signed_along(desk: Desk) -> None:
    desk.run(env=environ("environment"))
    desk.run(env={**environ("environment"), "KRAKEN_API_OTP": " 739164\n"})
    assert [otp_of(peer) for peer in desk.server.peers] == [[], ["739164"]]


def test_a_second_factor_is_asked_for_on_the_terminal_and_not_shown(desk: Desk) -> None:
    env = {**environ("environment"), "KRAKEN_SPOT_URL": desk.server.rest, "KRAKEN_API_OTP": "000000"}
    with Terminal(desk.program) as terminal:
        terminal.start([*COMMAND, "token", "--ask-otp"], env=env)
        terminal.shows("Second factor (otp):")
        terminal.type("739164\n")
        ended = terminal.ended()
        assert terminal.mode() == terminal.before
    assert ended.status == 0
    assert TOKEN in ended.out
    assert "739164" not in ended.out
    assert otp_of(desk.server.peers[-1]) == ["739164"]


def test_a_token_for_eval(desk: Desk) -> None:
    ended = desk.run("--export", env=environ("environment"))
    assert (ended.status, ended.out) == (0, f"export KRAKEN_WS_TOKEN='{TOKEN}'\n")


def test_what_eval_runs_is_an_assignment_whatever_the_exchange_sends(program: Program) -> None:
    hostile = "a';touch${IFS}pwned;'$(id)`id`"
    answer = {"error": [], "result": {"token": hostile, "expires": 900}}
    with Server(Peer.hang, rest=lambda peer: peer.answer(answer)) as server:
        script = 'cd; eval "$(kraken-stream token --export)"; printf %s "$KRAKEN_WS_TOKEN"; test ! -e pwned'
        ended = program.shell(script, env={**environ("environment"), "KRAKEN_SPOT_URL": server.rest})
    assert (ended.status, ended.out, ended.err) == (0, hostile, "")


def test_a_private_stream_takes_the_same_key(desk: Desk) -> None:
    """Commands without options of their own for keys know the environment and the default profile."""
    desk.config('default_profile = "main"\n' + profile("main"))
    env = {"KRAKEN_SPOT_URL": desk.server.rest, "KRAKEN_WS_L3_URL": desk.server.url.replace("/v2", "/l3/v2")}
    running = desk.program.start("level3", "BTC/USD", "--retry", "0", env=env)
    eventually(lambda: len(desk.server.peers) > 1, "a connection after the token")
    desk.program.interrupt(running)
    assert desk.server.peers[0].headers["api-key"] == key("main")


FAKE = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

class Fake(KeyringBackend):
    priority = 1
    file = Path(os.environ["FAKE_KEYRING"])

    def _all(self):
        if not self.file.exists():
            return {}
        text = self.file.read_text()
        if text == "locked":
            raise KeyringLocked("the words of " + "c2VjcmV0" * 11)
        return json.loads(text)

    def get_password(self, service, name):
        return self._all().get(f"{service} {name}")

    def set_password(self, service, name, password):
        self.file.write_text(json.dumps({**self._all(), f"{service} {name}": password}))

    def delete_password(self, service, name):
        left = self._all()
        if left.pop(f"{service} {name}", None) is None:
            raise PasswordDeleteError
        self.file.write_text(json.dumps(left))
"""


@dataclass
class Ring:
    """A system keyring that is a file."""

    environ: dict[str, str]
    file: Path

    def holds(self, **entries: str) -> None:
        pairs = {f"kraken-stream {name}": f"{public}\n{SECRET}" for name, public in entries.items()}
        self.file.write_text(json.dumps(pairs))


@pytest.fixture
def ring(shims: Shims, tmp_path: Path) -> Ring:
    pytest.importorskip("keyring")
    Path(shims.environ["MARK"]).with_name("fakering.py").write_text(FAKE)
    backend = {"PYTHON_KEYRING_BACKEND": "fakering.Fake", "FAKE_KEYRING": str(tmp_path / "ring")}
    return Ring({**shims.environ, **backend}, tmp_path / "ring")


def test_a_profile_whose_key_is_in_the_keyring(desk: Desk, ring: Ring) -> None:
    desk.config("[profiles.default]\nkeyring = true\n")
    ring.holds(default=key("ring"))
    assert desk.asked_with(desk.run(env=ring.environ)) == "ring"
    assert desk.asked_with(desk.run(env={**ring.environ, **environ("environment")})) == "environment"


def test_the_file_goes_before_the_keyring(desk: Desk, ring: Ring) -> None:
    desk.config(profile("default", "keyring = true"))
    ring.holds(default=key("ring"))
    assert desk.asked_with(desk.run(env=ring.environ)) == "default"


@pytest.mark.parametrize(
    ("text", "words"), [("{}", "the keyring has none"), ("locked", "keyring refuses (KeyringLocked)")]
)
def test_a_keyring_that_gives_nothing(desk: Desk, ring: Ring, text: str, words: str) -> None:
    desk.config("[profiles.default]\nkeyring = true\n")
    ring.file.write_text(text)
    refused(desk, desk.run(env=ring.environ), 78, words)


def test_no_keyring_on_this_machine(desk: Desk) -> None:
    pytest.importorskip("keyring")
    desk.config("[profiles.default]\nkeyring = true\n")
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    refused(desk, desk.run(env=env), 78, "there is no system keyring here")


def test_a_keyring_that_is_not_installed(desk: Desk, shims: Shims) -> None:
    shims.missing("keyring")
    desk.config("[profiles.default]\nkeyring = true\n")
    refused(desk, desk.run(env=shims.environ), 2, "pip install 'kraken-stream[keyring]'")
