"""When a search has to end: its time is over, or somebody asks it to."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType


class Stop:
    """A limit in seconds and a request; the first Ctrl-C is a request, the second interrupts.

    earlier: seconds that the search took before it was resumed; they count.
    """

    def __init__(self, limit: float | None = None, earlier: float = 0.0) -> None:
        self._began = time.monotonic()
        self._earlier = earlier
        self._limit = limit
        self._noticed: float | None = None
        self.requested = False

    def seconds(self) -> float:
        """Returns how long the search has taken."""
        return self._earlier + time.monotonic() - self._began

    def request(self) -> None:
        """Asks the search to end cleanly."""
        self.requested = True

    def due(self) -> bool:
        """Returns whether no new work should be begun."""
        late = self._limit is not None and self.seconds() >= self._limit
        if (late or self.requested) and self._noticed is None:
            self._noticed = time.monotonic()
        return self._noticed is not None

    def overdue(self, grace: float) -> bool:
        """Returns whether work under way has been waited for long enough."""
        return self.due() and time.monotonic() - (self._noticed or 0.0) >= grace

    def extend(self, limit: float | None) -> None:
        """Sets a new limit; a request stays."""
        self._limit = limit
        self._noticed = None

    def __enter__(self) -> Stop:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._former = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        if self._main:
            signal.signal(signal.SIGINT, self._former)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.requested:
            raise KeyboardInterrupt
        self.request()
