"""How a rule becomes shorter: steps that are proven, that hold nearly, and that were measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsl import Program, simplify, text
from dsl.absorbed import absorbed
from dsl.agreement import agreement
from dsl.moves import Step
from dsl.recognition import recognized

from .inspection import find

if TYPE_CHECKING:
    from .ablation import Ablation, Trial

SHOWN = 5  # changes that were tried last and cost something
STOPPED = "the time was over: this is what was reached, more may be possible"

Over = Callable[[], bool]


def simplified(what: str, minutes: float, root: Path) -> dict[str, Any]:
    """Returns the simplified text and the steps that led to it, proven ones and others apart."""
    return _by_algebra(find(what, root), _timer(minutes))


def simplified_by_training(what: str, tasks: str, minutes: float, root: Path) -> dict[str, Any]:
    """Returns what `simplified` does, then what training on a suite of tasks says can go."""
    from evaluators import suite

    from .ablation import ablate

    program, over = find(what, root), _timer(minutes)
    row = _by_algebra(program, over)
    done = ablate(program, suite(tasks), _tell, over)
    row |= _said(done.program)
    row["measured_steps"] = [_measured(trial) for trial in done.kept] or ["nothing could go"]
    return row | _outcome(done) | _finished(not over())


def _timer(minutes: float) -> Over:
    end = time.monotonic() + 60 * minutes
    return lambda: time.monotonic() > end


def _by_algebra(program: Program, over: Over) -> dict[str, Any]:
    """What holds always first, then what holds where a caveat says."""
    proven = simplify(program, over=over)
    nearly = simplify(proven.program, nearly=True, over=over)
    at_rate = absorbed(nearly.program)
    row = _said(at_rate[0] if at_rate else nearly.program)
    row["proven_steps"] = list(_written(proven.steps)) or ["nothing to simplify"]
    row["checked"] = _checked(program, proven.program)
    if nearly.steps:
        row["steps_with_a_caveat"] = list(_written(nearly.steps))
        row["checked_with_these"] = _checked(program, nearly.program)
    if at_rate:
        row["learning_rate"] = _rate(at_rate[1])
    return row | _finished(proven.finished and nearly.finished)


def _checked(given: Program, short: Program) -> str:
    found = agreement(given, short)
    return str(found) if found else "not on random steps: the rule does not stay finite on them"


def _finished(finished: bool) -> dict[str, Any]:
    return {"finished": finished} | ({} if finished else {"stopped": STOPPED})


def _rate(factor: float) -> str:
    return f"{factor:g} times that of the given rule: the factor is read as part of it"


def _said(program: Program) -> dict[str, Any]:
    """The text, and the known rule that it is."""
    known = recognized(program)
    return {"program": text(program), "known_rule": str(known) if known else "none that is known"}


def _outcome(done: Ablation) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if done.final is not None:
        speed = f"{done.final.ratio:.2f} times ({done.final.low:.2f}-{done.final.high:.2f})"
        row["speed_on_other_seeds"] = f"{speed} that of the given rule"
    if done.rate != 1:
        row["learning_rate"] = _rate(done.rate)
    dear = sorted((t for t in done.last if not t.free), key=lambda trial: trial.effect.ratio)
    if dear:
        row["what_has_to_stay"] = [_measured(trial) for trial in dear[:SHOWN]]
    return row


def _written(steps: Iterable[Step]) -> Iterable[str]:
    for step in steps:
        caveat = f", {step.caveat}" if step.caveat else ""
        yield f"{step.rule}: {step.before} -> {step.after}{caveat}"


def _measured(trial: Trial) -> str:
    effect = trial.effect
    return f"{trial.change}: {effect.ratio:.2f} times as fast ({effect.low:.2f}-{effect.high:.2f})"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
