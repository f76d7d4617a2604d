"""Measured simplification: what of a rule can go, or be rounded, at no cost that training shows.

A change is tried on every task, each time with a learning rate of its own, and compared with the
rule as it was given, seed by seed. It is kept if it makes no task slower beyond the noise of the
seeds, and all tasks together by at most ALLOWED. What the kept changes cost together is measured
on seeds that decided nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dsl import Program, simplify
from dsl.absorbed import absorbed
from dsl.knockouts import knockouts
from dsl.live import live
from dsl.program import calls
from dsl.rounding import constants, roundings
from evaluators import Task
from evaluators.budgets import FRESH_SEEDS
from evaluators.evaluate import Evaluation, Status
from evaluators.score import Paired, paired, paired_over_tasks
from evaluators.sweep import at_own_rates, sweep

from .errors import SearchError

SEEDS = (0, 1, 2, 3, 4, 5)  # that decide
COARSE = (-4.0, -2.0, 0.0, 2.0, 4.0)  # base-2 logarithms of the rates that a rule is tried at first
FINE = (-1.0, -0.5, 0.0, 0.5, 1.0)  # around the best of those
ALLOWED = 0.02  # of the speed, over all tasks

Runs = tuple[Evaluation, ...]  # of one program, a task each
Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """A change, the changed program, and its speed in units of the speed of the given rule."""

    change: str
    program: Program
    runs: Runs
    effect: Paired
    slower: tuple[str, ...]  # tasks that it makes slower beyond the noise of the seeds

    @property
    def free(self) -> bool:
        """Whether the change costs nothing that the seeds show."""
        return not self.slower and self.effect.ratio >= 1 - ALLOWED


@dataclass
class Ablation:
    """What was tried with a rule: the steps that were kept, and every trial of the last round.

    final: the speed of the last program in units of the given rule's, on other seeds; None if
    nothing was changed. rate: the learning rate of the last program in units of the given rule's.
    """

    program: Program
    kept: list[Trial] = field(default_factory=list)
    last: list[Trial] = field(default_factory=list)
    final: Paired | None = None
    rate: float = 1.0


@dataclass(frozen=True)
class _Judge:
    """Compares changed programs with the given one on some tasks, while there is time."""

    tasks: Sequence[Task]
    given: Runs
    over: Callable[[], bool]

    def tried(
        self, changes: Iterable[tuple[str, Program]], rule: Program, runs: Runs
    ) -> list[Trial]:
        """Returns the trials of changes of a rule; those that would end its decay are not tried.

        What a weight decay does shows in runs longer than those of a task.
        """
        trials = []
        for change, program in changes:
            if self.over():
                break
            changed = short(program)
            if "w" in live(rule) and "w" not in live(changed):
                continue
            trial = self._trial(change, changed, runs)
            if trial is not None:
                trials.append(trial)
        return trials

    def _trial(self, change: str, program: Program, runs: Runs) -> Trial | None:
        found = []
        for task, before in zip(self.tasks, runs, strict=True):
            rates = [before.multiplier + offset for offset in FINE]
            found.append(sweep(program, task, rates, seeds=SEEDS))
            if found[-1].status is not Status.ok:
                return None
        pairs = list(zip(found, self.given, strict=True))
        slower = tuple(a.task for a, b in pairs if paired(a.speedups, b.speedups).high < 1)
        effect = paired_over_tasks([a.speedups for a, _ in pairs], [b.speedups for _, b in pairs])
        return Trial(change, program, tuple(found), effect, slower)

    def on_other_seeds(self, ours: Program, theirs: Program, runs: Runs) -> Paired:
        """Returns the speed of a program in units of the given one's, on seeds not used so far."""
        rows = []
        for task, mine, other in zip(self.tasks, runs, self.given, strict=True):
            rates = [mine.multiplier, other.multiplier]
            rows.append(at_own_rates([ours, theirs], task, rates, seeds=FRESH_SEEDS))
        mine, others = ([pair[k].speedups for pair in rows] for k in (0, 1))
        return paired_over_tasks(mine, others)


def ablate(
    program: Program, tasks: Sequence[Task], say: Say = lambda line: None,
    over: Callable[[], bool] = lambda: False,
) -> Ablation:  # fmt: skip
    """Takes calls out of a program, then digits off its constants, while that costs nothing.

    over: asked between trials; what was kept so far is returned where it says so. Raises
    SearchError if the program does not train on one of the tasks.
    """
    given = short(program)
    judge, done = _Judge(tasks, _tuned(given, tasks), over), Ablation(given)
    runs = _without_calls(done, judge, judge.given, say)
    runs = _with_fewer_digits(done, judge, runs, say)
    if done.kept:
        done.final = judge.on_other_seeds(done.program, given, runs)
    _absorb(done)
    return done


def short(program: Program) -> Program:
    """Returns the simplified program, by equations with caveats too."""
    return simplify(program, nearly=True).program


def _without_calls(done: Ablation, judge: _Judge, runs: Runs, say: Say) -> Runs:
    """Takes the call out that makes the rule shortest, again and again."""
    while True:
        done.last = judge.tried(knockouts(done.program), done.program, runs)
        free = [trial for trial in done.last if trial.free]
        if not free:
            return runs
        best = min(free, key=lambda trial: (_length(trial.program), -trial.effect.ratio))
        runs = _keep(done, best, say)


def _with_fewer_digits(done: Ablation, judge: _Judge, runs: Runs, say: Say) -> Runs:
    for constant in constants(done.program):
        for one in roundings(done.program, constant):
            tried = judge.tried([(one.said, one.program)], done.program, runs)
            if tried and tried[0].free:
                runs = _keep(done, tried[0], say)
                break
    return runs


def _keep(done: Ablation, trial: Trial, say: Say) -> Runs:
    say(f"{trial.change}: {trial.effect.ratio:.2f} times as fast")
    done.kept.append(trial)
    done.program = trial.program
    _absorb(done)
    return trial.runs


def _absorb(done: Ablation) -> None:
    """Reads a constant factor of the rate as part of it: rates are tuned for each rule anyway."""
    found = absorbed(done.program)
    if found is not None:
        done.program, factor = found
        done.rate *= factor


def _length(program: Program) -> int:
    return len(list(calls(program.body)))


def _tuned(program: Program, tasks: Sequence[Task]) -> Runs:
    """The rule at its best rates; raises ValueError where it does not train."""
    out = []
    for task in tasks:
        coarse = sweep(program, task, COARSE, seeds=SEEDS)
        fine = [coarse.multiplier + offset for offset in FINE]
        found = sweep(program, task, fine, seeds=SEEDS)
        if found.status is not Status.ok:
            raise SearchError(f"expected a rule that trains on {task.name}: {found.status.value}")
        out.append(found)
    return tuple(out)
