"""Kraken's wire protocol, sans I/O: bytes in, values out. Nothing here knows sockets, clocks or threads."""
