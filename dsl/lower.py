"""Turns a program into an optax gradient transformation: its reference meaning, on any pytree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from . import fold, oracles, run
from .arguments import Arguments, Roles, bind, number_or_schedule
from .errors import ProgramError
from .evaluation import evaluation_point
from .frame import Frame
from .initial import initial
from .needs import block_reads
from .program import Literal, Program, Ref
from .program import State as Declaration
from .slopes import NUMPY, choose, repeat
from .trees import Model, model_of


class State(NamedTuple):
    """What a lowered program keeps between steps.

    values: by the name of the state, a number or a pytree like the parameters, with None where a
    parameter does not store it.
    """

    t: jax.Array  # steps taken, shape (), int32
    values: dict[str, Any]


@dataclass(frozen=True)
class _Rule:
    """Everything that is known before the parameters are."""

    arguments: Arguments
    lr: Any
    horizon: float | None
    roles: Roles
    out: int
    state_dtype: Any
    folded: Mapping[int, Any]
    seed: Any = 0

    @property
    def program(self) -> Program:
        return self.arguments.program

    def model(self, params: Any) -> Model:
        per_leaf = self.arguments.per_leaf
        return model_of(self.program, params, self.roles, self.out, per_leaf)


def lower(
    program: Program,
    lr: Any = 1.0,
    *,
    T: float | None = None,
    seed: Any = 0,
    roles: Roles = None,
    by_role: Mapping[str, Mapping[str, Any]] | None = None,
    out: int = -1,
    state_dtype: Any = None,
    **hyperparameters: Any,
) -> optax.GradientTransformationExtraArgs:
    """Returns the program as an optax transformation, whose updates are added to the parameters.

    lr and every float hyperparameter may be a number, a tracer or a schedule (read at t - 1).
    T: steps of the whole run. seed: of noise. roles: a function of a parameter's path
    ("layers/0/bias") and array, or {pattern of paths: role}. by_role: {"bias": {"weight_decay":
    0.0}}. out: the output axis. state_dtype: a narrower dtype for Tensor states. Raises
    ProgramError for a hyperparameter that the program does not have; using it, for an input that it
    reads and is not given. What a program asks of the loss, `grad_at` and its like, comes from
    `update(..., value_fn=)`: the loss on the batch of the step as a function of the parameters;
    `full_grad` from `full_value_fn=`, that on all data; `half_grad` from `half_value_fn=`, that on
    the first half of the batch; `aux_grad` and its like from `aux_value_fn=`, the task's second
    loss; a constraint from `project=`, `prox=` or `lmo=`, functions from trees like the parameters
    to such a tree.
    """
    rule = _rule(program, lr, T, roles, by_role, out, state_dtype, hyperparameters)
    rule = replace(rule, seed=seed)

    def init(params: optax.Params) -> State:
        return _init(rule, params)

    def update(
        updates: optax.Updates,
        state: State,
        params: optax.Params | None = None,
        *,
        value: Any = None,
        value_fn: Callable[[Any], Any] | None = None,
        **extra: Any,
    ) -> tuple[optax.Updates, State]:
        if value is None and value_fn is not None:
            value = value_fn(params)
        return _update(rule, updates, state, params, value, {**extra, "value_fn": value_fn})

    # optax types a state as any pytree; this one takes its own
    return optax.GradientTransformationExtraArgs(init, update)  # type: ignore[arg-type]


def eval_params(
    program: Program,
    state: State,
    params: optax.Params,
    lr: Any = 1.0,
    *,
    T: float | None = None,
    roles: Roles = None,
    by_role: Mapping[str, Mapping[str, Any]] | None = None,
    out: int = -1,
    **hyperparameters: Any,
) -> optax.Params:
    """Returns the point at which a program wants its model evaluated, by default the parameters.

    `w_eval` from the parameters and states after the last step; the arguments are those of `lower`.
    """
    rule = _rule(program, lr, T, roles, by_role, out, None, hyperparameters)
    if not program.has_point:
        return params
    model = rule.model(params)
    frame = _frame(rule, model, state.t - 1)
    final = {declared.name: model.unpacked(declared, state.values[declared.name])
             for declared in model.kept()}
    return model.treedef.unflatten(evaluation_point(frame, model.flat(params), final))


def _rule(
    program: Program,
    lr: Any,
    horizon: float | None,
    roles: Roles,
    by_role: Mapping[str, Mapping[str, Any]] | None,
    out: int,
    state_dtype: Any,
    hyperparameters: Mapping[str, Any],
) -> _Rule:
    arguments = bind(program, hyperparameters, by_role)
    lr = number_or_schedule("lr", lr)
    return _Rule(arguments, lr, horizon, roles, out, state_dtype, _folded(arguments))


def _folded(arguments: Arguments) -> dict[int, Any]:
    structure = {
        hyper.name: hyper.default
        for hyper in arguments.program.hyperparameters
        if not isinstance(hyper.default, float)
    }
    numbers = {n: v for n, v in arguments.numbers.items() if n not in arguments.per_leaf}
    return fold.fold(arguments.program, {**numbers, **structure})


# --- init and update


def _init(rule: _Rule, params: optax.Params) -> State:
    model = rule.model(params)
    frame = _frame(rule, model, jnp.zeros((), jnp.int32))
    frame.env["w"] = model.flat(params)
    values = {}
    for state in model.kept():
        # One that reads more than the parameters starts at the first step; until then it is 0.
        value = initial(frame, _blank(state) if _deferred(rule.program, state) else state)
        frame.env[state.name] = value
        values[state.name] = model.packed(state, value, rule.state_dtype)
    return State(jnp.zeros((), jnp.int32), values)


def _update(
    rule: _Rule,
    updates: optax.Updates,
    state: State,
    params: optax.Params | None,
    loss: Any,
    asked: Mapping[str, Any],
) -> tuple[optax.Updates, State]:
    model = rule.model(updates if params is None else params)
    answers = oracles.answers(model, rule.program.name, params, asked)
    frame = replace(_frame(rule, model, state.t), oracles=answers)
    _bind_inputs(frame, rule, model, updates, params, loss)
    for declared in model.kept():
        kept = model.unpacked(declared, state.values[declared.name])
        if _deferred(rule.program, declared):
            kept = _at_first_step(frame, declared, kept, state.t)
        frame.env[declared.name] = kept
    values, steps = run.step(frame)
    packed = {s.name: model.packed(s, values[s.name], rule.state_dtype) for s in model.kept()}
    return model.treedef.unflatten([-u for u in steps]), State(state.t + 1, packed)


def _frame(rule: _Rule, model: Model, taken: jax.Array) -> Frame:
    """Returns a frame that holds hyperparameters, t, T, lr and folded values."""
    if "T" in model.settled.reads and rule.horizon is None:
        raise ProgramError(f"{rule.program.name} reads T: pass T=")
    env: dict[Ref, Any] = {**rule.folded}
    env.update({hyper.name: hyper.default for hyper in rule.program.hyperparameters})
    env.update(rule.arguments.numbers)
    later = {name: _now(v, taken, model.dtype) for name, v in rule.arguments.later.items()}
    env.update(later)
    for name in rule.arguments.per_leaf:
        env[name] = [_for_role(rule, name, leaf.role, env[name], taken, model.dtype)
                     for leaf in model.settled.leaves]
    env["t"] = jnp.asarray(taken + 1, model.dtype)
    env["T"] = rule.horizon
    env["lr"] = _now(rule.lr, taken, model.dtype)
    return Frame(
        NUMPY, model.settled, model.dtypes, model.dtype, env, choose, rule.seed, repeat=repeat
    )


def _now(value: Any, taken: jax.Array, dtype: Any) -> jax.Array:
    """Reads a schedule at the number of steps taken; makes any number an array."""
    return jnp.asarray(value(taken) if callable(value) else value, dtype)


def _for_role(
    rule: _Rule, name: str, role: str, default: Any, taken: jax.Array, dtype: Any
) -> Any:
    given = rule.arguments.by_role.get(role, {})
    if name not in given:
        return default
    value = number_or_schedule(name, given[name])
    return value if isinstance(value, float) else _now(value, taken, dtype)


# Inputs that only the user can tell, and how.
WANTED = {
    "w": "pass the parameters to update",
    "loss": "pass value= or value_fn= to update",
    "batch_size": "a lowered program does not know it",
}


def _bind_inputs(
    frame: Frame, rule: _Rule, model: Model, updates: Any, params: Any, loss: Any
) -> None:
    told = {"w": params is not None, "loss": loss is not None}
    for read, how in WANTED.items():
        if read in model.settled.reads and not told.get(read):
            raise ProgramError(f"{rule.program.name} reads {read}: {how}")
    frame.env["g"] = model.flat(updates)
    if params is not None:
        frame.env["w"] = model.flat(params)
    if loss is not None:
        frame.env["loss"] = jnp.asarray(loss, model.dtype)


# --- initial values that read more than the parameters are taken at the first step


def _deferred(program: Program, state: Declaration) -> bool:
    return bool(block_reads(state.init) & (set(program.inputs) - {"w"}))


def _blank(state: Declaration) -> Declaration:
    return replace(state, init=replace(state.init, body=(), results=(Literal(0),)))


def _at_first_step(frame: Frame, state: Declaration, kept: Any, taken: jax.Array) -> Any:
    return choose(taken == 0, lambda: initial(frame.copy(), state), lambda: kept)
