"""The lock of a run: one process at a time writes to its store."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

from .errors import RunError

FILE = "lock"
TRIES, PAUSE = 5, 0.02  # whoever only asks holds the lock for an instant


def take(folder: Path) -> IO[str]:
    """Locks the run in `folder` until the file that is returned is closed.

    The operating system frees it however the process ends. Raises RunError if another has it.
    """
    lock = (folder / FILE).open("w")
    for _ in range(TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError:
            time.sleep(PAUSE)
    lock.close()
    raise RunError(
        f"expected the run {folder.name!r} to be free, but another search is working on it."
    )


def is_taken(folder: Path) -> bool:
    """Tells whether a search is working on the run in `folder`."""
    try:
        with (folder / FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
