"""The persistent compilation cache: what was compiled once is not compiled again."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import jax

MAX_BYTES = 2**31  # a bounded cache also locks its files, so that workers may share it


@lru_cache(maxsize=1)
def keep_compiled() -> None:
    """Turns JAX's persistent cache on, unless the environment or the user has set one."""
    if jax.config.jax_compilation_cache_dir is not None:  # type: ignore[attr-defined]
        return
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jax.config.update("jax_compilation_cache_dir", str(home / "stepsmith" / "jax"))
    jax.config.update("jax_compilation_cache_max_size", MAX_BYTES)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
