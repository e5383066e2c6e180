"""No key, secret, signature or token in any output; stdout of `token` is the token and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from breadth import thinned

from .program import Ended, Program
from .server import Peer, Server, message, streams

KEY = "KEYKEYKEYkeykeykey" * 3
SECRET = "c2VjcmV0" * 11
TOKEN = "TOKENtokenTOKENtokenTOKENtokenTOKENtokenTOK"
KEYS = {"KRAKEN_API_KEY": KEY, "KRAKEN_API_SECRET": SECRET}
LOUD = ("-vv",)


def whole(server: Server) -> list[str]:
    """Everything secret that was sent or could have been."""
    signed = [peer for peer in server.peers if peer.method == "POST"]
    signatures = [peer.headers["api-sign"] for peer in signed]
    nonces = [parse_qs(peer.body.decode())["nonce"][0] for peer in signed]
    assert signatures
    assert nonces
    return [KEY, SECRET, TOKEN, *signatures]


def hushed(ended: Ended, secrets: list[str]) -> None:
    for secret in secrets:
        for part in (secret, secret[:20], secret[-20:], json.dumps(secret)[1:-1]):
            assert part not in ended.err
            assert part not in ended.out


def asked(program: Program, rest: Callable[[Peer], None], *more: str) -> tuple[Ended, list[str]]:
    with Server(Peer.hang, rest=rest) as server:
        environ = {**KEYS, "KRAKEN_SPOT_URL": server.rest}
        ended = program.run("token", *more, env=environ)
        return ended, whole(server)


@pytest.mark.parametrize("more", [(), ("-v",), LOUD])
def test_stdout_is_the_token_alone(program: Program, more: tuple[str, ...]) -> None:
    def rest(peer: Peer) -> None:
        peer.answer({"error": [], "result": {"token": TOKEN, "expires": 900}})

    ended, secrets = asked(program, rest, *more)
    assert (ended.status, ended.out) == (0, TOKEN + "\n")
    hushed(Ended(0, "", ended.err, 0), secrets)


ECHOES: dict[str, Callable[[Peer], object]] = {
    "an error": lambda peer: {
        "error": [f"EAPI:Invalid signature:{peer.headers['api-sign']} {peer.headers['api-key']} {SECRET}"]
    },
    "a token in an error": lambda peer: {"error": [f"EGeneral:Bad {KEY}"], "result": {"token": TOKEN}},
    "a result without a token": lambda peer: {"error": [], "result": {"tokens": TOKEN, "key": KEY}},
    "a token that is none": lambda peer: {"error": [], "result": {"token": [TOKEN], "expires": KEY}},
    "a page": lambda peer: f"<html>{peer.headers} {peer.body!r} {SECRET}</html>".encode(),
}


@pytest.mark.parametrize("as_json", thinned([(), ("--json",)], 4))
@pytest.mark.parametrize("what", ECHOES)
def test_a_server_that_repeats_what_it_was_sent(
    program: Program, what: str, as_json: tuple[str, ...]
) -> None:
    ended, secrets = asked(program, lambda peer: peer.answer(ECHOES[what](peer)), *LOUD, *as_json)
    assert ended.status in (70, 77)
    assert ended.error
    hushed(ended, secrets)


def test_a_server_that_hangs_up(program: Program) -> None:
    ended, secrets = asked(program, Peer.cut, *LOUD)
    assert ended.status == 69
    hushed(ended, secrets)


def test_a_redirection_gets_no_keys(program: Program) -> None:
    with Server(Peer.hang) as elsewhere:

        def rest(peer: Peer) -> None:
            peer.send_bytes(
                f"HTTP/1.1 307 X\r\nLocation: {elsewhere.rest}/0/private/GetWebSocketsToken\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )

        ended, secrets = asked(program, rest, *LOUD)
        assert elsewhere.peers == []
    assert ended.status in (69, 70)
    hushed(ended, secrets)


@pytest.mark.parametrize(
    ("key", "secret"), [("short-key", "not base64!"), ("with space " * 5, SECRET), ("näh" * 20, SECRET)]
)
def test_keys_of_no_possible_form_are_not_repeated(program: Program, key: str, secret: str) -> None:
    ended = program.run(
        "token",
        *LOUD,
        env={"KRAKEN_API_KEY": key, "KRAKEN_API_SECRET": secret, "KRAKEN_SPOT_URL": "https://127.0.0.1:1"},
    )
    assert ended.status == 78
    for word in (key.strip(), secret):
        assert word not in ended.error


def test_demo_keys_stay_with_the_sandbox(program: Program, sandbox: dict[str, str]) -> None:
    ended = program.run("token", "--sandbox-url", sandbox["rest"], *LOUD, env=KEYS)
    assert ended.status == 0
    hushed(Ended(0, "", ended.err, 0), [KEY, SECRET, ended.out.strip()])


OTP = "739164"
CONFIG = f'[profiles.default]\napi_key = "{KEY}"\napi_secret = "{SECRET}"\n'
DESKS: dict[str, Callable[[Peer], object]] = {
    **ECHOES,
    "another form": lambda peer: {"error": [], "result": [KEY, SECRET, peer.headers["api-sign"]]},
    "a refusal": lambda peer: {"error": [f"EGeneral:Permission denied:{SECRET} {peer.body.decode()}"]},
    "permissions that are none": lambda peer: {
        "error": [],
        "result": {"token": "another-token", "permissions": [f"a {KEY}", SECRET, OTP]},
    },
    "a full counter that is none": lambda peer: {"error": [f"EService:Busy {peer.headers}"]},
}


def everything(program: Program) -> str:
    """All that lies in the person's home but the file that the person wrote."""
    files = (path for path in Path(program.environ["HOME"]).rglob("*") if path.is_file())
    return "".join(f"{path} {path.read_text()}" for path in files if path.name != "config.toml")


SOURCES = ("environment", "file", "stdin", "two files")
CASES = {(SOURCES[place % 4], what) for place, what in enumerate(DESKS)} | {
    (one, "an error") for one in SOURCES
}


@pytest.mark.parametrize(("source", "what"), thinned(sorted(CASES), 4))
@pytest.mark.parametrize("command", ["token", "balance", "keys test"])
def test_whatever_a_server_says_no_command_shows_what_it_was_given(
    program: Program, tmp_path: Path, source: str, what: str, command: str
) -> None:
    """Also at -vv, from every source, and nothing of it is left behind in a file."""
    env, more = {"KRAKEN_API_OTP": OTP}, list(LOUD)
    (tmp_path / "lines").write_text(f"{KEY}\n{SECRET}\n")
    if source == "environment":
        env |= KEYS
    elif source == "stdin":
        more += ["--credentials-stdin"]
    else:
        path = Path(program.environ["XDG_CONFIG_HOME"], "kraken-stream", "config.toml")
        path.parent.mkdir(parents=True)
        for name, text in ((path, CONFIG), (tmp_path / "key", KEY), (tmp_path / "secret", SECRET)):
            name.write_text(text)
            name.chmod(0o600)
        if source == "two files":
            more += ["--api-key-file", str(tmp_path / "key"), "--api-secret-file", str(tmp_path / "secret")]
    with (
        (tmp_path / "lines").open("rb") as stdin,
        Server(
            Peer.hang, rest=lambda peer: peer.answer(DESKS[what](peer) if peer.method == "POST" else b"{}")
        ) as server,
    ):
        env["KRAKEN_SPOT_URL"] = server.rest
        ended = program.run(*command.split(), *more, env=env, stdin=stdin)
        secrets = whole(server)
        assert {parse_qs(peer.body.decode())["otp"][0] for peer in server.peers if peer.body} == {OTP}
    hushed(ended, secrets)
    assert OTP not in ended.out + ended.err
    left = everything(program)
    assert [secret for secret in (*secrets, OTP) if secret in left] == []


@pytest.mark.parametrize("line", ["keys show", "keys show --json", "keys remove", "keys test --url"])
def test_the_commands_of_keys_show_four_letters(program: Program, line: str) -> None:
    path = Path(program.environ["XDG_CONFIG_HOME"], "kraken-stream", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    path.chmod(0o600)
    hushed(program.run(*line.split(), *LOUD, env=KEYS), [KEY, SECRET])


@pytest.mark.parametrize("text", [f"api_secret = {SECRET}", f'a = "{SECRET}', f"[{SECRET}]\n[{SECRET}]"])
def test_a_broken_file_is_not_quoted(program: Program, text: str) -> None:
    path = Path(program.environ["XDG_CONFIG_HOME"], "kraken-stream", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    ended = program.run("token", *LOUD)
    assert ended.status == 78
    hushed(ended, [SECRET])
    assert ended.error.count(SECRET[:8]) == 0


def test_no_option_takes_a_secret(program: Program) -> None:
    """What is on a command line can be read by every user of the machine."""
    for command in ("token", "balance", "keys set", "keys test"):
        for option in ("--api-key", "--api-secret", "--secret", "--otp", "--token"):
            ended = program.run(*command.split(), f"{option}={SECRET}")
            assert ended.status == 2, (command, option)
            hushed(ended, [SECRET])


@pytest.mark.parametrize("format_", ["jsonl", "raw"])
def test_a_token_in_a_frame_is_masked(program: Program, format_: str) -> None:
    """Private channels come later; the ways out are the same."""
    frame = (
        f'{{"method":"subscribe","req_id":77,"success":false,"error":"no","params":{{"token":"{TOKEN}"}}}}'
    )
    with Server(streams(frame, message("trade", '{"symbol":"BTC/USD","trade_id":1}'))) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, *LOUD, "-f", format_, "--duration", "1s")
    assert TOKEN not in ended.err + ended.out
    assert "***" in ended.err
