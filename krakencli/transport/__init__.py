"""Sockets: one `Link` is one WebSocket connection, read by a thread of its own.

The only package that imports `websocket`. It knows bytes, frames and failures, nothing of Kraken's messages.
"""
