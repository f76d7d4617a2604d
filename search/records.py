"""The records that a search hands around: candidates, batches of work, and what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

UNSEEN = "unseen"  # the rung of held-out tasks: measured as the search goes, never selected on
EXAM = "exam"  # the rung of the last table: fresh seeds, taken once, when the search is over
TRACE = "trace"  # the rung of the training curves: one rate, fresh seeds
# What became of a proposal before any training, beside "not_finite" and "no_descent".
BRED, SAME_KEY, SAME_BEHAVIOUR = "bred", "same_key", "same_behaviour"
AND, SEVERAL = " + ", "several"  # between the names of mutations in a row; their kind
OK, WORKER_DIED = "ok", "worker_died"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program in a search and where it came from."""

    id: int  # counts from 0 in the order of proposal
    batch: int
    text: str
    key: str  # canonical: structure and constants
    structure: str  # canonical without the constants
    behaviour: str  # what it does on the probe
    length: int  # live calls
    state_bytes: float  # a parameter
    parents: tuple[int, ...]
    mutation: str
    generation: int
    multiplier: float  # log2 of the factor on its measured learning-rate scale


@dataclass(frozen=True, slots=True)
class Job:
    """One candidate to train on every task of one rung."""

    rung: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Batch:
    """The work bred from one state of the search; batches are told in order of `index`."""

    index: int
    jobs: tuple[Job, ...]
    proposed: int = 0  # programs that the mutations gave
    duplicates: int = 0  # of those, known by the canonical or the behavioural key
    not_finite: int = 0  # of those, not finite on the probe: left without training
    no_descent: int = 0  # of those, still or uphill on the probe: left without training
    outcomes: tuple[tuple[str, str, int], ...] = ()  # kind of mutation, outcome, how many


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker does in one call; everything that it needs, and nothing else."""

    rung: str
    tasks: tuple[str, ...]
    programs: tuple[str, ...]
    multipliers: tuple[float, ...]  # log2, one a program
    rates: tuple[float, ...]  # log2 offsets around the multiplier; of a trace, the learning rates
    seeds: tuple[int, ...]
    horizon: float = 1.0  # times the task's own
    lanes: int = 0  # runs of a program in one call of an exam; 0: as in a rung


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one candidate on one task of one rung."""

    task: str
    status: str  # the name of an `evaluators.Status`
    speedup: float = 0.0  # over tuned AdamW, at the best rate, mean over seeds in log; 0 if failed
    speedups: tuple[float, ...] = ()  # at the best rate, one a seed
    capped: bool = False  # the loss lies beyond an end of the stored curve
    multiplier: float = 0.0  # log2 multiplier of the best rate
    rates: tuple[float, ...] = ()  # learning rates
    seeds: tuple[int, ...] = ()
    train_losses: tuple[tuple[float, ...], ...] = ()  # [rate][seed]; of a trace [seed][point]
    valid_losses: tuple[tuple[float, ...], ...] = ()  # [rate][seed]
    sweep: tuple[tuple[float, float], ...] = ()  # of an exam: log2 multiplier, mean loss
    seconds: float = 0.0
    worker: str = ""


Rows = tuple[Row, ...]  # one candidate, one rung, all its tasks


def kind(mutation: str) -> str:
    """Returns the kind of the mutation that made a program: of several in a row, SEVERAL."""
    return SEVERAL if AND in mutation else mutation


def score(rows: Sequence[Row]) -> float:
    """Returns the geometric mean of the speed-ups over tasks, 0 if any task failed."""
    if not rows or any(row.status != OK or row.speedup <= 0 for row in rows):
        return 0.0
    return math.exp(sum(math.log(row.speedup) for row in rows) / len(rows))


def best_rate(row: Row) -> float:
    """Returns the learning rate with the smallest mean training loss."""
    means = [sum(losses) / len(losses) for losses in row.train_losses]
    return row.rates[means.index(min(means))]


def best_multiplier(rows: Sequence[Row]) -> float:
    """Returns the mean over tasks of the best log2 multipliers."""
    return sum(row.multiplier for row in rows) / len(rows)
