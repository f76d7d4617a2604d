"""Which known rules are named on a map: those that the texts of the zoo speak of most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from dsl.zoo import source

LEAST = 2  # texts that speak of a rule


def famous(names: Iterable[str]) -> list[str]:
    """Returns names by how many other texts of the zoo, docstrings included, contain them."""
    words = {name.lower(): name for name in names}
    # The longest first, so that `adam` is not found in a name that begins with it.
    parts = "|".join(sorted(words, key=len, reverse=True)).replace("_", "[_ -]?")
    said = re.compile(rf"(?<!\w)(?:{parts})(?!\w)", re.IGNORECASE)
    compact = {word.replace("_", ""): name for word, name in words.items()}
    count: Counter[str] = Counter()
    for name in words.values():
        found = {re.sub("[_ -]", "", text.lower()) for text in said.findall(source(name))}
        count.update({compact[text] for text in found} - {name})
    return [name for name, n in count.most_common() if n >= LEAST]

