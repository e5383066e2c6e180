"""kraken-stream: Kraken's WebSocket API in a terminal and in pipes, digit for digit."""

__version__ = "0.1.0"
