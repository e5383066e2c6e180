"""What the package says of itself, in its metadata, its changelog and its wheel, agrees with the code."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path

import krakencli
from krakencli.channels import CHANNELS

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_changelog_begins_with_this_version() -> None:
    releases = re.findall(r"^## \[(.+?)\] - (.+)$", CHANGELOG, re.MULTILINE)
    assert releases[0][0] == krakencli.__version__
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d|unreleased", date) for _, date in releases)
    assert [date for _, date in releases[1:] if date == "unreleased"] == []


def test_the_changelog_keeps_its_form() -> None:
    headings = re.findall(r"^(#+) (.+)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == ("#", "Changelog")
    assert {title for level, title in headings if level == "###"} <= KINDS
    assert {level for level, _ in headings} == {"#", "##", "###"}


def test_the_changelog_names_every_channel() -> None:
    assert {name for name in CHANNELS if f"`{name}`" not in CHANGELOG} == set()


def test_the_version_is_a_literal_that_the_build_reads() -> None:
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    source = (PROJECT / PYPROJECT["tool"]["hatch"]["version"]["path"]).read_text(encoding="utf-8")
    assert f'__version__ = "{krakencli.__version__}"' in source.splitlines()


def test_the_installed_program_says_its_version() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "krakencli", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert said == f"kraken-stream {krakencli.__version__}\n"
    assert distribution("kraken-stream").version == krakencli.__version__


def test_the_script_leads_to_the_door() -> None:
    (script,) = PYPROJECT["project"]["scripts"].items()
    name, target = script
    module, _, function = target.partition(":")
    assert name == "kraken-stream"
    assert callable(getattr(import_module(module), function))
    installed = {point.name: point.value for point in distribution("kraken-stream").entry_points}
    assert installed == {name: target}


def test_type_checkers_find_the_marker() -> None:
    """py.typed lies in the package's folder, all of which goes into the wheel."""
    assert (PROJECT / "krakencli" / "py.typed").read_bytes() == b""
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["krakencli"]


def test_what_the_readme_and_the_license_file_say_is_shipped() -> None:
    project = PYPROJECT["project"]
    assert (project["readme"], project["license"], project["license-files"]) == (
        "README.md",
        "MIT",
        ["LICENSE"],
    )
    assert "MIT License" in (PROJECT / "LICENSE").read_text(encoding="utf-8")
    shipped = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [name for name in shipped if not (PROJECT / name).exists()] == []


def test_the_peers_are_no_part_of_the_tests_command() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    assert set(extras) == {"sandbox", "keyring", "dev", "peers"}
    assert not {line.split(">")[0] for line in extras["peers"]} & {
        line.split(">")[0] for line in extras["dev"]
    }
