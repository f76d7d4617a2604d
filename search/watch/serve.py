"""Serves the live report on this machine until it is interrupted."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from ..errors import SearchError
from ..store import open_store
from .app import app
from .shown import Watched

HOST, LAST_PORT = "127.0.0.1", 65535
SETTINGS = {
    "log_level": "warning", "access_log": False, "server_header": False, "loop": "asyncio",
    "http": "h11", "ws": "none", "lifespan": "off",
    "timeout_graceful_shutdown": 2,  # seconds
}  # fmt: skip


class _Server(uvicorn.Server):
    """A server that sends away whoever waits for a page when it is interrupted."""

    def __init__(self, watched: Watched) -> None:
        super().__init__(uvicorn.Config(app(watched), **SETTINGS))
        self._watched = watched

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._watched.close()
        super().handle_exit(sig, frame)


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serves the report of the run in `folder`; returns after Ctrl-C.

    port: 0 takes one that is free. say: is told the address, which answers from then on. Raises
    RunError if there is no such run, SearchError if the port is not to be had.
    """
    open_store(folder).close()
    with _listening(port) as sock:
        watched = Watched(folder)
        watched.begin()
        say(f"http://{HOST}:{sock.getsockname()[1]}/")
        with contextlib.suppress(KeyboardInterrupt):  # raised again once all is closed
            _Server(watched).run(sockets=[sock])


def _listening(port: int) -> socket.socket:
    if not 0 <= port <= LAST_PORT:
        raise SearchError(f"expected a port from 0 to {LAST_PORT}, got {port}.")
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise SearchError(
            f"expected a free port, got {port} ({error.strerror}); without --port one is chosen."
        ) from None
