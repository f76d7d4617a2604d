"""Settings of all tests: one device, no telemetry, a compilation cache, float64 on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# One cache for each worker process: two that write the same entry could read half of it.
CACHE = Path(__file__).parent.parent / ".cache" / os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")

import jax  # noqa: E402  (it reads the environment when it is imported)
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# The same examples in every run, and no time limit for one that happens to compile.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture
def x64() -> Iterator[None]:
    """Lets JAX compute in float64 during one test."""
    with jax.enable_x64(True):
        yield
