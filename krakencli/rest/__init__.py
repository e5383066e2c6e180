"""Kraken's REST API, as far as a streamer needs it.

Only `client` imports `requests`, and nothing outside this package may import `client` at start: a stream
makes no REST call unless it needs one. `pairs` is light, so that shell completion can read its cache.
This module imports nothing.
"""
