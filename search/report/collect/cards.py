"""The cards of the hall of fame's first rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dsl import canonical_key

from ...archive import Entry
from ...config import Config
from ...evidence import Kept, load
from ...evidence.measure import beside
from ...records import UNSEEN
from ...store import Store
from ..data import Card, Chart, ExamPart, Scores
from . import evidence
from .rules import Known, known, rule
from .table import cell

CARDS = 5
# What is measured on request alone: how it is called, and the field of a card.
REQUESTED = {
    "what each call is worth": "bars",
    "the map of learning rate and decay": "maps",
    "other lengths of run and batch sizes": "stability",
    "loss curves": "losses",
}


def cards(
    store: Store, config: Config, hall: Sequence[Entry], exam: tuple[ExamPart, ...],
    curves: tuple[Chart, ...],
) -> Iterator[Card]:  # fmt: skip
    """Yields a card for each of the first rules of the hall of fame.

    exam, curves: what was measured of the first one at the end of the run.
    """
    kept = load(store.folder)
    tasks = config.rungs[0].tasks
    keys = {name: canonical_key(found) for name in tasks if (found := beside(name))}
    for rank, entry in enumerate(hall[:CARDS], 1):
        seen = known(entry.candidate.text)
        made = _card(rank, entry, seen, store, config)
        fields = _evidence(kept, seen, keys, tasks) if seen else {}
        if rank == 1:
            fields |= {"exam": exam} | ({"losses": curves} if curves else {})
        yield _with(made, fields, f"stepsmith report {store.name} --measure")


def _card(rank: int, entry: Entry, seen: Known | None, store: Store, config: Config) -> Card:
    one = entry.candidate
    shown, steps = rule(one.text)
    return Card(
        rank, one.id, entry.score, shown, _origin(entry), seen.kin if seen else (), steps,
        seen.facts if seen else (), tuple(_scores(store, config, one.id)),
    )  # fmt: skip


def _origin(entry: Entry) -> str:
    one = entry.candidate
    if not one.parents:
        return f"Candidate {one.id:,}: a program that the search started from."
    parents = " and ".join(f"{parent:,}" for parent in one.parents)
    return (
        f"Candidate {one.id:,}, of generation {one.generation}, made from candidate {parents}: "
        f"{one.mutation}."
    )


def _scores(store: Store, config: Config, candidate: int) -> Iterator[Scores]:
    titles = {rung.name: f"{rung.name} rung" for rung in config.rungs} | {UNSEEN: "unseen tasks"}
    for name, title in titles.items():
        rows = store.rows(candidate, name)
        if rows:
            yield Scores(title, tuple((row.task, cell(row)) for row in rows))


def _evidence(kept: Kept, seen: Known, keys: dict[str, str], tasks: Sequence[str]) -> dict:
    return {
        "bars": tuple(evidence.bars(kept, seen.key, tasks)),
        "maps": tuple(evidence.maps(kept, seen.key, tasks)),
        "stability": tuple(evidence.stability(kept, seen.key, keys, tasks)),
        "losses": tuple(evidence.losses(kept, seen.key, keys, tasks)),
    }


def _with(card: Card, fields: dict, command: str) -> Card:
    """The card with what was measured, and the names of what was not."""
    missing = tuple(name for name, field in REQUESTED.items() if not fields.get(field))
    free = [bar for bar in fields.get("bars", ()) if bar.free]
    said = tuple(
        f"{bar.change.replace(' -> ', ' → ')}: {bar.effect.value:.2f} times as fast "
        f"({bar.effect.low:.2f}–{bar.effect.high:.2f})"
        for bar in free
    )
    steps = replace(card.steps, measured=said)
    return replace(card, **fields, steps=steps, missing=missing, command=command)
