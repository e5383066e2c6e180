"""`sandbox --account`: one more account, or a mistake that is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

COMMAND = (sys.executable, "-m", "krakencli", "sandbox")


def test_it_is_told_with_its_key(tmp_path: Path) -> None:
    command = [*COMMAND, "--account", "KEY:c2VjcmV0:USD=5,rights=funds", "--symbols", "BTC/USD"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            rest = json.loads(process.stdout.readline())["rest"]
            accounts = requests.get(f"{rest}/sandbox", timeout=10).json()["accounts"]
        finally:
            process.terminate()
    assert len(accounts) == 3
    assert accounts[2] == {
        "api_key": "KEY",
        "api_secret": "c2VjcmV0",
        "rights": ["funds"],
        "tier": "intermediate",
    }


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("KEY", "KEY:SECRET"),
        ("KEY:c2VjcmV0:USD", "ASSET=AMOUNT"),
        ("KEY:c2VjcmV0:XMR=1", "XMR"),
        ("KEY:c2VjcmV0:rights=all", "closed-orders"),
        ("KEY:not base64:USD=1", "base64"),
    ],
)
def test_mistakes(spec: str, told: str) -> None:
    done = subprocess.run([*COMMAND, "--account", spec], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert told in done.stderr
    assert re.fullmatch(r"[^\n]+\n", done.stderr)
    assert "c2VjcmV0" not in done.stderr
