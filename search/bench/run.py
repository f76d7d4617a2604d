"""Measures rates side by side in rounds, so that a noisy machine slows all of them alike."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dsl import Program, lower, parse
from dsl.canonical import canonical_key
from dsl.export import class_name
from dsl.probe import behavioural_key
from dsl.taping import tape
from dsl.zoo import source
from evaluators import Task, task
from evaluators.packing import Job, Shape
from evaluators.population import (
    STANDARD,
    gradient_bound,
    layout_of,
    operations_for,
    train,
)
from evaluators.train import train_lowered

from ..breed import collecting_seldom
from ..mutate import propose
from ..vocabulary import QUICK
from .exports import exports
from .figures import Figure
from .plain import load_export, train_numpy, train_torch

ROUNDS = 5
LANES, CANDIDATES = 4, 8
RUNS = 10_000  # training runs of the mix, compile included
RATE = 0.003  # for the mix; what a run costs does not depend on it
TOLERANCE = 2e-3  # of a final loss in single precision, between ways to train


def mix() -> list[Program]:
    """Returns the committed programs that stand for a search: 6 to 20 live instructions."""
    text = files("search.bench").joinpath("mix.txt").read_text(encoding="utf-8")
    return [parse("def " + part) for part in text.split("def ")[1:]]


def bench(report: Callable[[str], None] = lambda line: None, runs: int = RUNS) -> list[Figure]:
    """Returns the figures of the README; takes several minutes on one core."""
    # What was compiled in an earlier run would make this one look faster than a first run is.
    jax.config.update("jax_enable_compilation_cache", False)
    problem = task("digits_mlp")
    figures = _agreement(problem, report)
    figures += _throughput(problem, report, runs)
    figures += _proposals(report)
    report("the lowered adamw and lion beside optax's")
    lowered = [Figure(f"lowered_{name}_vs_optax", _step_ratio(name), "x") for name in LOWERED]
    return [*figures, *lowered, *exports(report)]


# Training throughput


def _throughput(problem: Task, report: Callable[[str], None], runs: int) -> list[Figure]:
    programs = mix()
    population = {
        "mix": partial(_population, problem, itertools.cycle(programs), STANDARD),
        **{name: _zoo_population(problem, name) for name in ("sgd", "adamw", "muon")},
    }
    began = time.perf_counter()
    done = population["mix"](CANDIDATES * LANES)
    compile_seconds = time.perf_counter() - began
    for rate in (population["sgd"], population["adamw"], population["muon"]):
        rate(CANDIDATES * LANES)
    bound = _bound(problem)
    bound()
    plain = _plain(problem, programs)
    seconds: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        report(f"round {number + 1} of {ROUNDS}")
        share = (runs - done) // ROUNDS
        _time(seconds, "bound", partial(_repeat, bound, share // 4))
        _time(seconds, "mix", partial(population["mix"], share))
        for name in ("sgd", "adamw", "muon"):
            _time(seconds, name, partial(population[name], 8 * CANDIDATES * LANES))
        for name, function in plain.items():
            _time(seconds, name, function)
    return _rates(seconds, compile_seconds, runs)


def _time(seconds: dict[str, list[float]], name: str, work: Callable[[], int]) -> None:
    """Notes the seconds a training run took, on average over `work`, which counts its runs."""
    began = time.perf_counter()
    runs = work()
    seconds.setdefault(name, []).append((time.perf_counter() - began) / runs)


def _rates(seconds: dict[str, list[float]], compiling: float, runs: int) -> list[Figure]:
    def ratio(slow: str, fast: str) -> float:
        return median(a / b for a, b in zip(seconds[slow], seconds[fast], strict=True))

    # A real run pays for its one compilation; every round carries its share of it.
    seconds["mix"] = [each + compiling / runs for each in seconds["mix"]]
    out = [
        Figure("population_vs_jit_per_candidate", ratio("jit", "mix"), "x"),
        Figure("population_vs_torch_eager", ratio("torch mix", "mix"), "x"),
        Figure("population_vs_numpy", ratio("numpy mix", "mix"), "x"),
        Figure("fraction_of_gradient_bound", ratio("bound", "mix"), "of the bound"),
        Figure("population_vs_jit_per_candidate_adamw", ratio("jit", "adamw"), "x"),
        Figure("population_vs_torch_eager_adamw", ratio("torch adamw", "adamw"), "x"),
        Figure("population_vs_numpy_adamw", ratio("numpy adamw", "adamw"), "x"),
        Figure("fraction_of_gradient_bound_adamw", ratio("bound", "adamw"), "of the bound"),
        Figure("fraction_of_gradient_bound_sgd", ratio("bound", "sgd"), "of the bound"),
        Figure("fraction_of_gradient_bound_muon", ratio("bound", "muon"), "of the bound"),
        Figure("compile_seconds", compiling, "s"),
    ]
    return out + [
        Figure(f"runs_per_second_{name.replace(' ', '_')}", 1 / median(each), "1/s")
        for name, each in seconds.items()
    ]


def _population(problem: Task, programs: Iterator[Program], operations: Any, runs: int) -> int:
    """Trains at least `runs` runs, LANES of each program, taping included; returns how many."""
    shape = Shape(CANDIDATES, LANES, problem.horizon)
    calls = max(1, round(runs / (CANDIDATES * LANES)))
    for _ in range(calls):
        jobs = [
            Job(tape(program, layout_of(problem)), (RATE, RATE / 2, RATE / 4, RATE / 8))
            for program in itertools.islice(programs, CANDIDATES)
        ]
        train(problem, jobs, range(LANES), shape, operations)
    return calls * CANDIDATES * LANES


def _zoo_population(problem: Task, name: str) -> Callable[[int], int]:
    program = parse(source(name))
    operations = operations_for((tape(program, layout_of(problem)),))
    return partial(_population, problem, itertools.repeat(program), operations)


def _bound(problem: Task) -> Callable[[], int]:
    """The same runs without an optimizer: gradients, w - rate * g, the losses at the end."""
    run = gradient_bound(problem, Shape(CANDIDATES, LANES, problem.horizon), range(LANES))

    def once() -> int:
        run(RATE)
        return CANDIDATES * LANES

    return once


def _repeat(once: Callable[[], int], runs: int) -> int:
    done = 0
    while done < runs:
        done += once()
    return done


def _plain(problem: Task, programs: Sequence[Program]) -> dict[str, Callable[[], int]]:
    """The ways to train one candidate at a time; each call is a few runs."""
    adamw = parse(source("adamw"))
    turn = itertools.cycle(range(len(programs)))
    numpy_mix = [train_numpy(p, problem, RATE, 0) for p in programs]
    torch_mix = [train_torch(_exported(p, problem), problem, RATE, 0) for p in programs]
    numpy_adamw = train_numpy(adamw, problem, RATE, 0)
    torch_adamw = train_torch(_torch_adamw, problem, RATE, 0)
    fresh = iter(programs)  # none is compiled twice

    def several(functions: Sequence[Callable[[], float]], count: int) -> int:
        with np.errstate(all="ignore"):
            for _ in range(count):
                functions[next(turn) % len(functions)]()
        return count

    def compiled() -> int:
        train_lowered(next(fresh), problem, (RATE,), (0,), problem.horizon)
        return 1

    return {
        "jit": compiled,
        "torch mix": partial(several, torch_mix, 8),
        "numpy mix": partial(several, numpy_mix, 32),
        "torch adamw": partial(several, [torch_adamw], 8),
        "numpy adamw": partial(several, [numpy_adamw], 32),
    }


def _exported(program: Program, problem: Task) -> Callable[[list[Any], float], Any]:
    made = getattr(load_export(program, "torch"), class_name(program))
    return partial(made, T=problem.horizon) if "T" in program.inputs else made


def _torch_adamw(params: list[Any], lr: float) -> Any:
    import torch

    return torch.optim.AdamW(params, lr, weight_decay=0.01, foreach=True)


# Are the baselines right?


def _agreement(problem: Task, report: Callable[[str], None]) -> list[Figure]:
    """The largest distance of a baseline's final loss from the lowered program's, relative."""
    report("the baselines against the lowered programs")
    apart = []
    for name in ("sgd", "adamw"):
        program = parse(source(name))
        train_loss, _ = train_lowered(program, problem, (RATE,), (0,), problem.horizon)
        expected = float(train_loss[0, 0])
        for run in (
            train_numpy(program, problem, RATE, 0),
            train_torch(_exported(program, problem), problem, RATE, 0),
        ):
            apart.append(abs(run() - expected) / expected)
    if max(apart) > TOLERANCE:
        raise AssertionError(f"a baseline trains another rule: its loss is {max(apart):.1e} apart")
    return [Figure("baseline_loss_error", max(apart), "relative")]


# Proposals


def _proposals(report: Callable[[str], None], count: int = 5000) -> list[Figure]:
    report("proposals")
    parents = mix()
    rng = random.Random(0)
    children = []
    with collecting_seldom():  # as a search does
        began = time.perf_counter()
        for i in range(count):
            child, _ = propose(parents[i % len(parents)], rng, QUICK)
            children.append((child, canonical_key(child)))
        one_key = time.perf_counter() - began
        began = time.perf_counter()
        for child, _ in children:
            behavioural_key(child)
        both = one_key + time.perf_counter() - began
    return [
        Figure("proposals_per_second", count / one_key, "1/s"),
        Figure("proposals_per_second_both_keys", count / both, "1/s"),
    ]


# One step of the lowered adamw beside optax's own


LOWERED = ("adamw", "lion")  # with their decay set to 0.01 in optax too


def _step_ratio(name: str, size: int = 1_000_000, steps: int = 20) -> float:
    import optax

    params = {"w": jnp.ones((size // 1000, 1000)), "b": jnp.ones((1000,))}
    ours = _stepper(lower(parse(source(name)), lr=1e-3, weight_decay=0.01), params)
    theirs = _stepper(getattr(optax, name)(1e-3, weight_decay=0.01), params)
    ratios = []
    for _ in range(ROUNDS):
        ratios.append(_seconds(ours, steps) / _seconds(theirs, steps))
    return median(ratios)


def _stepper(rule: Any, params: Any) -> Callable[[], Any]:
    gradient = jax.tree.map(lambda x: 0.1 * x, params)

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(params: Any, state: Any) -> tuple[Any, Any]:
        update, state = rule.update(gradient, state, params)
        return jax.tree.map(jnp.add, params, update), state

    held = [(jax.tree.map(jnp.copy, params), rule.init(params))]

    def once() -> Any:
        held[0] = step(*held[0])
        return held[0]

    jax.block_until_ready(once())
    return once


def _seconds(once: Callable[[], Any], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        result = once()
    jax.block_until_ready(result)
    return time.perf_counter() - began
