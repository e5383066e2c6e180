"""Where the program keeps what it must remember between runs, and where a person keeps settings."""

from pathlib import Path


def state_directory() -> Path:
    """The user's directory for state; RuntimeError where the user has no home. It need not exist."""
    from platformdirs import user_state_dir  # noqa: PLC0415 - most commands remember nothing

    return Path(user_state_dir("kraken-stream"))


def config_file() -> Path:
    """The user's settings; RuntimeError where the user has no home. It need not exist."""
    from platformdirs import user_config_dir  # noqa: PLC0415 - most commands have no settings

    return Path(user_config_dir("kraken-stream")) / "config.toml"
