"""Tests of krakencli.rest, over real sockets on loopback."""
