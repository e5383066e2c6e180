"""`keys`: what is kept and how, what is shown, what a key may do; with real files in a home of its own."""

import json
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .kit import Shims
from .program import COMMAND, Ended, Program
from .server import Peer, Server
from .terminal import Terminal, plain
from .test_credentials import SECRET, Ring, key, ring

__all__ = ["ring"]
OTHER = "b3RoZXJz" * 11


@dataclass
class Home:
    """A person's file of settings, and the program."""

    program: Program
    path: Path

    def run(self, *arguments: str, stdin: str | None = None, env: dict[str, str] | None = None) -> Ended:
        if stdin is None:
            return self.program.run("keys", *arguments, env=env)
        file = self.path.parents[2] / "stdin"
        file.write_text(stdin)
        with file.open("rb") as opened:
            return self.program.run("keys", *arguments, stdin=opened, env=env)

    def keep(self, name: str, *more: str, secret: str = SECRET, env: dict[str, str] | None = None) -> Ended:
        lines = f"{key(name)}\n{secret}\n"
        ended = self.run("set", "--profile", name, *more, stdin=lines, env=env)
        assert (ended.status, ended.err) == (0, "")
        return ended

    def config(self, text: str, mode: int = 0o600) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text)
        self.path.chmod(mode)

    @property
    def read(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text())


@pytest.fixture
def home(program: Program) -> Home:
    return Home(program, Path(program.environ["XDG_CONFIG_HOME"], "kraken-stream", "config.toml"))


def refused(ended: Ended, status: int, *words: str) -> None:
    assert (ended.status, ended.out) == (status, ""), ended
    assert [word for word in words if word not in ended.error] == [], ended.error
    assert SECRET[:16] not in ended.err


def test_a_key_is_kept_where_only_its_owner_reads_it(home: Home) -> None:
    ended = home.run("set", stdin=f" {key('main')} \r\n{SECRET}\r\n")
    assert ended.out == f"profile default: key main… is in {home.path}\n"
    assert home.read == {"profiles": {"default": {"api_key": key("main"), "api_secret": SECRET}}}
    assert home.path.stat().st_mode & 0o777 == 0o600
    assert home.path.parent.stat().st_mode & 0o077 == 0
    assert [path.name for path in home.path.parent.iterdir()] == ["config.toml"]


def test_a_person_types_both_and_nobody_sees_them(home: Home) -> None:
    with Terminal(home.program) as terminal:
        terminal.start([*COMMAND, "keys", "set"])
        terminal.shows("API key: ")
        terminal.type(f"{key('typed')}\n")
        terminal.shows("Private key (the secret): ")
        terminal.type(f"{SECRET}\n")
        ended = terminal.ended()
        assert terminal.mode() == terminal.before
    assert ended.status == 0
    assert "profile default: key type…" in plain(ended.out)
    assert SECRET[:8] not in ended.out
    assert key("typed")[:6] not in ended.out
    assert home.read["profiles"]["default"]["api_secret"] == SECRET


@pytest.mark.parametrize(("keys", "status"), [("\x03", 130), ("\x04", 2), ("\n", 2)])
def test_a_person_may_think_again(home: Home, keys: str, status: int) -> None:
    with Terminal(home.program) as terminal:
        terminal.start([*COMMAND, "keys", "set"])
        terminal.shows("API key: ")
        terminal.type(keys)
        ended = terminal.ended()
        assert terminal.mode() == terminal.before
    assert ended.status == status
    assert "Traceback" not in ended.out
    assert not home.path.exists()


SETTINGS = """\
# mine
tier = "intermediate"   # since May

[colours]   # of something else
up = "green"

[profiles.old]
# the first one
api_key = "k"
api_secret = "c2VjcmV0"
note = "paper"
"""


def test_what_else_the_file_holds_stays_as_it_is(home: Home) -> None:
    home.config(SETTINGS)
    home.keep("new", "--tier", "pro")
    text = home.path.read_text()
    assert text.startswith(SETTINGS)
    assert home.read["profiles"]["new"] == {"api_key": key("new"), "api_secret": SECRET, "tier": "pro"}
    home.keep("old", secret=OTHER)
    assert "# the first one" in home.path.read_text()
    old = {"api_key": key("old"), "api_secret": OTHER, "note": "paper"}
    assert home.read["profiles"]["old"] == old
    assert home.run("remove", "--profile", "new").status == 0
    assert home.run("remove", "--profile", "old").status == 0
    assert home.path.read_text().startswith(SETTINGS.partition("[profiles")[0])
    assert home.read["colours"] == {"up": "green"}


@pytest.mark.parametrize(
    "text",
    [
        "[colours]\nup = 'green'\n",
        "[profiles]\n",
        "profiles = {other = {api_key = 'k', api_secret = 'c2VjcmV0'}}\n",
        "profiles.other.api_key = 'k'\nprofiles.other.api_secret = 'c2VjcmV0'\n",
        "[profiles.other]\napi_key = 'k'\napi_secret = 'c2VjcmV0'\n[colours]\nup = 'green'\n",
        "",
    ],
)
def test_whatever_form_the_file_has_it_is_read_again(home: Home, text: str) -> None:
    home.config(text)
    before = home.read
    home.keep("a.b")
    home.keep("new")
    after = home.read
    assert after["profiles"]["new"]["api_key"] == key("new")
    assert after["profiles"]["a.b"]["api_key"] == key("a.b")
    for name, table in before.get("profiles", {}).items():
        assert after["profiles"][name] == table
    assert after.get("colours") == before.get("colours")
    assert after.get("default_profile") == (None if before.get("profiles") else "a.b")
    home.run("remove", "--profile", "a.b")
    assert "a.b" not in home.read["profiles"]
    assert "default_profile" not in home.read


def test_the_first_profile_becomes_the_default_one(home: Home) -> None:
    home.keep("main")
    home.keep("second")
    assert home.read["default_profile"] == "main"
    records = home.run("show", "--json").records
    assert [(one["profile"], one["used"]) for one in records] == [("main", True), ("second", False)]


def test_a_link_is_followed_to_the_file_that_it_means(home: Home, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    home.config("")
    home.path.rename(real)
    home.path.symlink_to(real)
    home.keep("main")
    assert home.path.is_symlink()
    assert "main" in tomllib.loads(real.read_text())["profiles"]


def test_a_file_that_others_could_read_is_closed_and_that_is_said(home: Home) -> None:
    home.config(SETTINGS, 0o644)
    refused(home.run("show"), 78, "can be read by others (mode 644)", f"chmod 600 {home.path}")
    ended = home.run("set", "--profile", "new", stdin=f"{key('new')}\n{SECRET}\n")
    assert ended.status == 0
    assert "could be read by others until now" in ended.error
    assert home.path.stat().st_mode & 0o777 == 0o600
    assert home.run("show").status == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [("api_key = ", "is no TOML"), ("profiles = 3", "[profiles.NAME]"), ("tier = 'gold'", "starter, ")],
)
def test_a_broken_file_is_left_alone(home: Home, text: str, words: str) -> None:
    home.config(text)
    for command in ("set", "remove", "show"):
        refused(home.run(command, stdin=f"{key('new')}\n{SECRET}\n"), 78, words)
    assert home.path.read_text() == text


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        ((), "", 78, "standard input holds no key"),
        ((), f"{key('k')}\n", 78, "holds no secret"),
        ((), f"{key('k')}\nnonsense!\n", 78, "not base64"),
        (("--profile", "a b"), f"{key('k')}\n{SECRET}\n", 2, "'a b' is no name"),
        (("--tier", "gold"), "", 2, "gold"),
        ((SECRET,), "", 2, "unexpected"),
    ],
)
def test_what_cannot_be_kept(
    home: Home, arguments: tuple[str, ...], stdin: str, status: int, words: str
) -> None:
    ended = home.run("set", *arguments, stdin=stdin)
    assert (ended.status, ended.out) == (status, "")
    assert words in ended.error
    assert not home.path.exists()


@pytest.mark.parametrize("where", ["/dev/null/config", "/proc/config"])
def test_a_place_that_cannot_be_written(home: Home, where: str) -> None:
    ended = home.run("set", stdin=f"{key('k')}\n{SECRET}\n", env={"XDG_CONFIG_HOME": where})
    refused(ended, 78, f"cannot write {where}/kraken-stream/config.toml", "XDG_CONFIG_HOME")


def test_a_full_disk_leaves_the_old_file(home: Home, shims: Shims) -> None:
    home.config(SETTINGS)
    Path(shims.environ["MARK"]).with_name("sitecustomize.py").write_text(
        "import os\ndef full(_): raise OSError(28, os.strerror(28))\nos.fsync = full\n"
    )
    ended = home.run("set", stdin=f"{key('k')}\n{SECRET}\n", env=shims.environ)
    refused(ended, 78, "no space left")
    assert home.path.read_text() == SETTINGS
    assert [path.name for path in home.path.parent.iterdir()] == ["config.toml"]


def test_what_is_shown(home: Home) -> None:
    assert home.run("show").out == "there are no keys; kraken-stream keys set keeps one\n"
    home.keep("main", "--tier", "pro")
    home.keep("second")
    lines = home.run("show").lines
    assert re.split(r"  +", lines[1]) == ["→", "main", "main…", "pro", str(home.path)]
    assert re.split(r"  +", lines[2].strip()) == ["second", "seco…", "starter", str(home.path)]
    environ = {"KRAKEN_API_KEY": key("shell"), "KRAKEN_API_SECRET": SECRET}
    (first, second, _) = home.run("show", "--json", env=environ).records
    assert first == {
        "profile": None, "source": "the environment", "key": "shel…", "tier": "starter", "used": True
    }  # fmt: skip
    assert second["used"] is False
    half = home.run("show", env={"KRAKEN_API_KEY": key("shell")})
    assert "the environment, but KRAKEN_API_SECRET is not set" in half.out


def test_forgetting(home: Home) -> None:
    home.keep("main")
    home.keep("second")
    refused(home.run("remove", "--profile", "third"), 78, "no profile 'third'; it has main, second")
    assert home.run("remove").out == f"profile main is removed from {home.path}\n"
    assert list(home.read["profiles"]) == ["second"]
    assert key("main") not in home.path.read_text()
    refused(home.run("remove"), 78, "no profile 'default'")


def test_the_keyring_keeps_what_the_file_does_not(home: Home, ring: Ring) -> None:
    home.keep("main")
    ended = home.keep("main", "--keyring", env=ring.environ)
    assert ended.out == "profile main: key main… is in the keyring\n"
    assert home.read["profiles"] == {"main": {"keyring": True}}
    assert json.loads(ring.file.read_text()) == {"kraken-stream main": f"{key('main')}\n{SECRET}"}
    assert home.run("show", "--json").records[0]["source"] == "the keyring"
    home.keep("main", env=ring.environ)
    assert json.loads(ring.file.read_text()) == {}
    assert home.read["profiles"]["main"]["api_secret"] == SECRET
    home.keep("main", "--keyring", env=ring.environ)
    assert "and the keyring" in home.run("remove", env=ring.environ).out
    assert json.loads(ring.file.read_text()) == {}
    assert "main" not in home.path.read_text()


def test_without_the_extra_nothing_is_kept(home: Home, shims: Shims) -> None:
    shims.missing("keyring")
    ended = home.run("set", "--keyring", stdin=f"{key('k')}\n{SECRET}\n", env=shims.environ)
    refused(ended, 2, "pip install 'kraken-stream[keyring]'")
    assert not home.path.exists()


def test_completion_offers_the_profiles(home: Home) -> None:
    home.keep("main")
    home.keep("more")
    environ = {"_KRAKEN_STREAM_COMPLETE": "bash_complete", "COMP_CWORD": "3"}
    ended = home.program.run(env={**environ, "COMP_WORDS": "kraken-stream token --profile ma"})
    assert ended.out == "plain,main\n"


# What a key may do

ANSWERS: dict[str, Any] = {
    "GetWebSocketsToken": {"token": "TOKENtokenTOKENtoken", "expires": 900},
    "Balance": {},
    "OpenOrders": {"open": {}},
    "ClosedOrders": {"closed": {}, "count": 0},
    "TradesHistory": {"trades": {}, "count": 0},
    "GetApiKeyInfo": {"apiKeyName": "mine", "permissions": ["query-funds", "modify-trades", 7]},
}
KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": SECRET}


def exchange(**errors: str) -> Callable[[Peer], None]:
    """A desk that answers all calls but these, which it refuses with an error each."""

    def rest(peer: Peer) -> None:
        method = peer.path.rsplit("/", 1)[1]
        error = errors.get(method, errors.get("every"))
        peer.answer({"error": [error]} if error else {"error": [], "result": ANSWERS[method]})

    return rest


def trying(home: Home, script: Callable[[Peer], None], *more: str) -> tuple[Ended, list[str]]:
    with Server(Peer.hang, rest=script) as server:
        ended = home.run("test", *more, env={**KEYS, "KRAKEN_SPOT_URL": server.rest})
        return ended, [peer.path.rsplit("/", 1)[1] for peer in server.peers]


DENIED = "EGeneral:Permission denied"


def test_a_key_that_may_read_everything(home: Home) -> None:
    ended, called = trying(home, exchange())
    assert (ended.status, ended.err) == (0, "")
    assert called == list(ANSWERS)
    lines = ended.lines
    assert lines[0] == "key kkkk… from the environment"
    names = ["WebSocket interface – On", "Funds – Query", "Query open orders & trades"]  # noqa: RUF001
    for line, name in zip(lines[1:5], [*names, "Query closed orders & trades"], strict=True):
        assert line.startswith(f"✓ {name} ")
    assert lines[5].startswith("? Create & modify orders")
    assert "not tried" in lines[5]
    assert lines[7] == "  the exchange lists for this key: query-funds, modify-trades"
    assert len(lines) == 8


def test_rights_that_are_missing_are_named(home: Home) -> None:
    script = exchange(OpenOrders=DENIED, TradesHistory=DENIED, GetApiKeyInfo="EGeneral:Unknown method")
    ended, _ = trying(home, script)
    assert (ended.status, ended.err) == (0, "")
    marks = [line.split()[0] for line in ended.lines[1:7]]
    assert marks == ["✓", "✓", "✗", "✗", "?", "?"]
    assert ended.lines[7].startswith(
        "  it lacks 'Query open orders & trades' and 'Query closed orders & trades': give it"
    )
    as_json, _ = trying(home, script, "--json")
    granted = [(one["right"], one["granted"]) for one in as_json.records if one["granted"] is False]
    assert granted == [("Query open orders & trades", False), ("Query closed orders & trades", False)]


def test_a_key_that_may_do_nothing(home: Home) -> None:
    ended, _ = trying(home, exchange(every=DENIED))
    assert ended.status == 77
    assert ended.out.count("✗") == 4


@pytest.mark.parametrize(
    "error", ["EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Temporary lockout"]
)
def test_a_key_that_is_refused_is_tried_once(home: Home, error: str) -> None:
    ended, called = trying(home, exchange(every=error))
    refused(ended, 77, error)
    assert called == ["GetWebSocketsToken"]


def test_what_an_exchange_does_not_know_is_no_lack(home: Home) -> None:
    ended, _ = trying(home, exchange(Balance="EGeneral:Unknown method"))
    assert ended.status == 0
    assert "? Funds – Query" in ended.out  # noqa: RUF001
    assert "it lacks" not in ended.out


def test_a_profile_is_tested_by_its_name(home: Home) -> None:
    home.keep("main")
    with Server(Peer.hang, rest=exchange()) as server:
        ended = home.run("test", "--profile", "main", env={"KRAKEN_SPOT_URL": server.rest})
        assert {peer.headers["api-key"] for peer in server.peers} == {key("main")}
    assert ended.lines[0] == f"key main… from profile main in {home.path}"


def test_the_demo_key(home: Home, sandbox: dict[str, str]) -> None:
    ended = home.run("test", "--sandbox-url", sandbox["rest"])
    assert ended.status == 0
    assert ended.lines[0] == "key SAND… from the sandbox"
    assert ended.lines[1].startswith("✓ WebSocket interface")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_home_that_is_read_only(home: Home) -> None:
    home.config(SETTINGS)
    home.path.parent.chmod(0o500)
    refused(home.run("set", stdin=f"{key('k')}\n{SECRET}\n"), 78, "permission denied")
    assert home.path.read_text() == SETTINGS
