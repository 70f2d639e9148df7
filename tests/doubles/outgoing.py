"""Requests of the platforms to the program."""

import ssl
from functools import cache

import httpx


def client(patience: float) -> httpx.AsyncClient:
    """One connection, given up after so many seconds."""
    return httpx.AsyncClient(timeout=patience, verify=_tls())


@cache
def _tls() -> ssl.SSLContext:
    """Made once: it takes 50 ms, as much as dozens of requests."""
    return ssl.create_default_context()
