"""Turns a program into an optax gradient transformation: its reference meaning, on any pytree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.tree_util import keystr, tree_flatten_with_path

from . import fold, run
from .arguments import Arguments, Roles, bind, role_of
from .errors import ProgramError
from .program import Program, Ref
from .program import State as Declaration
from .settle import Leaf, Settled, block_reads, settle


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
    folded: Mapping[Ref, Any]

    @property
    def program(self) -> Program:
        return self.arguments.program


@dataclass(frozen=True)
class _Model:
    """The parameters of a model, flat."""

    paths: tuple[str, ...]
    treedef: Any
    settled: Settled
    dtypes: tuple[Any, ...]
    dtype: Any


def lower(
    program: Program,
    lr: Any = 1.0,
    *,
    T: float | None = None,
    seed: int = 0,
    roles: Roles = None,
    by_role: Mapping[str, Mapping[str, Any]] | None = None,
    out: int = -1,
    state_dtype: Any = None,
    **hyperparameters: Any,
) -> optax.GradientTransformationExtraArgs:
    """Returns the program as an optax transformation whose updates are added to the parameters.

    lr and every float hyperparameter may be a number, a tracer or a schedule (read at t - 1).
    T: steps of the whole run. roles: a function of a parameter's path and array, or patterns of
    paths with their roles. by_role: {"bias": {"weight_decay": 0.0}}. out: the output axis.
    state_dtype: a narrower dtype for Tensor states. Raises ProgramError for a hyperparameter that
    the program does not have and for a T that it reads and is not given.
    """
    del seed  # no primitive draws noise yet
    arguments = bind(program, hyperparameters, by_role)
    rule = _Rule(arguments, lr, T, roles, out, state_dtype, _folded(arguments))

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
        del extra
        if value is None and value_fn is not None:
            value = value_fn(params)
        return _update(rule, updates, state, params, value)

    return optax.GradientTransformationExtraArgs(init, update)


def _folded(arguments: Arguments) -> dict[Ref, Any]:
    structure = {
        hyper.name: hyper.default
        for hyper in arguments.program.hyperparameters
        if not isinstance(hyper.default, float)
    }
    numbers = {n: v for n, v in arguments.numbers.items() if n not in arguments.per_leaf}
    return {**fold.fold(arguments.program, {**numbers, **structure})}


# --- init and update


def _init(rule: _Rule, params: optax.Params) -> State:
    model = _model(rule, params)
    frame = _frame(rule, model, jnp.zeros((), jnp.int32))
    frame.env["w"] = _flat(model, params)
    values = {}
    for state in _kept(model):
        if _deferred(rule.program, state):
            value = _zeros(frame, state)
        else:
            value = run.initial(frame, state)
        frame.env[state.name] = value
        values[state.name] = _packed(rule, model, state, value)
    return State(jnp.zeros((), jnp.int32), values)


def _update(
    rule: _Rule, updates: optax.Updates, state: State, params: optax.Params | None, loss: Any
) -> tuple[optax.Updates, State]:
    model = _model(rule, updates if params is None else params)
    frame = _frame(rule, model, state.t)
    _bind_inputs(frame, rule, model, updates, params, loss)
    for declared in _kept(model):
        kept = _unpacked(model, declared, state.values[declared.name])
        if _deferred(rule.program, declared):
            kept = _at_first_step(frame, declared, kept, state.t)
        frame.env[declared.name] = kept
    values, steps = run.step(frame)
    packed = {s.name: _packed(rule, model, s, values[s.name]) for s in _kept(model)}
    down = model.treedef.unflatten([-u for u in steps])
    return down, State(state.t + 1, packed)


def _frame(rule: _Rule, model: _Model, taken: jax.Array) -> run.Frame:
    """Returns a frame that holds hyperparameters, t, T, lr and folded values."""
    env: dict[Ref, Any] = dict(rule.folded)
    for hyper in rule.program.hyperparameters:
        env[hyper.name] = hyper.default
    env.update(rule.arguments.numbers)
    for name, value in rule.arguments.later.items():
        env[name] = _now(value, taken, model.dtype)
    for name in rule.arguments.per_leaf:
        env[name] = [_for_role(rule, name, leaf.role, env[name], taken, model.dtype)
                     for leaf in model.settled.leaves]
    env["t"] = jnp.asarray(taken + 1, model.dtype)
    env["T"] = None if rule.horizon is None else float(rule.horizon)
    env["lr"] = _now(rule.lr, taken, model.dtype)
    return run.Frame(NUMPY, model.settled, model.dtypes, model.dtype, env, _choose)


def _now(value: Any, taken: jax.Array, dtype: Any) -> jax.Array:
    """Reads a schedule at the number of steps taken; makes any number an array."""
    return jnp.asarray(value(taken) if callable(value) else value, dtype)


def _for_role(
    rule: _Rule, name: str, role: str, default: Any, taken: jax.Array, dtype: Any
) -> Any:
    given = rule.arguments.by_role.get(role, {})
    if name not in given:
        return default
    value = given[name]
    return float(value) if isinstance(value, int | float) else _now(value, taken, dtype)


def _bind_inputs(
    frame: run.Frame, rule: _Rule, model: _Model, updates: Any, params: Any, loss: Any
) -> None:
    name, reads = rule.program.name, model.settled.reads
    missing = {"w": params is None, "loss": loss is None, "T": rule.horizon is None}
    for read, how in WANTED.items():
        if read in reads and missing.get(read, True):
            raise ProgramError(f"{name} reads {read}: {how}")
    frame.env["g"] = _flat(model, updates)
    if params is not None:
        frame.env["w"] = _flat(model, params)
    if loss is not None:
        frame.env["loss"] = jnp.asarray(loss, model.dtype)


# Inputs that only the user can tell, and how.
WANTED = {
    "w": "pass the parameters to update",
    "loss": "pass value= or value_fn= to update",
    "T": "pass T=",
    "batch_size": "a lowered program does not know it",
}


# --- parameters and states as flat lists


def _model(rule: _Rule, params: Any) -> _Model:
    pairs, treedef = tree_flatten_with_path(params)
    paths = tuple(keystr(path, simple=True, separator="/") for path, _ in pairs)
    arrays = [array for _, array in pairs]
    dtypes = tuple(map(_arithmetic, paths, arrays))
    leaves = tuple(
        Leaf(jnp.shape(array), role_of(rule.roles, path, array), _output(rule, array))
        for path, array in zip(paths, arrays, strict=True)
    )
    settled = settle(rule.program, leaves, rule.arguments.per_leaf)
    if "T" in settled.reads and rule.horizon is None:
        raise ProgramError(f"{rule.program.name} reads T: pass T=")
    widest = jnp.result_type(jnp.float32, *dtypes)
    return _Model(paths, treedef, settled, dtypes, widest)


def _output(rule: _Rule, array: Any) -> int:
    """Returns the output axis, the last where a parameter lacks the one that was asked for."""
    ndim = jnp.ndim(array)
    return rule.out if -ndim <= rule.out < ndim else -1


def _arithmetic(path: str, array: Any) -> Any:
    """Returns the dtype to compute in: float32, or that of the parameter if wider."""
    dtype = jnp.result_type(array)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise TypeError(f"expected parameters of a real dtype, not {dtype} at {path or 'the root'}")
    return jnp.promote_types(jnp.float32, dtype)


def _flat(model: _Model, tree: Any) -> list[jax.Array]:
    arrays = model.treedef.flatten_up_to(tree)
    return [jnp.asarray(a, dtype) for a, dtype in zip(arrays, model.dtypes, strict=True)]


def _kept(model: _Model) -> list[Declaration]:
    return [s for s in model.settled.program.states if s.name in model.settled.stored]


def _packed(rule: _Rule, model: _Model, state: Declaration, value: Any) -> Any:
    """Returns a state as it is kept: a number, or a pytree like the parameters."""
    if state.declared.kind == "Scalar":
        return value
    if rule.state_dtype is not None and state.declared.kind == "Tensor":
        value = [None if a is None else a.astype(rule.state_dtype) for a in value]
    return model.treedef.unflatten(value)


def _unpacked(model: _Model, state: Declaration, value: Any) -> Any:
    if state.declared.kind == "Scalar":
        return value
    arrays = model.treedef.flatten_up_to(value)
    pairs = zip(arrays, model.dtypes, strict=True)
    return [None if a is None else jnp.asarray(a, dtype) for a, dtype in pairs]


# --- initial values that read more than the parameters are taken at the first step


def _deferred(program: Program, state: Declaration) -> bool:
    return bool(block_reads(state.init) & (set(program.inputs) - {"w"}))


def _zeros(frame: run.Frame, state: Declaration) -> Any:
    zero = replace(state, init=replace(state.init, body=(), results=(run.ZERO,)))
    return run.initial(frame, zero)


def _at_first_step(frame: run.Frame, state: Declaration, kept: Any, taken: jax.Array) -> Any:
    return _choose(taken == 0, lambda: run.initial(frame.copy(), state), lambda: kept)


# --- the array namespace and lazy choice


@jax.custom_jvp
def _sqrt(x: jax.Array) -> jax.Array:
    return jnp.sqrt(x)


@_sqrt.defjvp
def _sqrt_jvp(primals: tuple, tangents: tuple) -> tuple[jax.Array, jax.Array]:
    (x,), (dx,) = primals, tangents
    root = _sqrt(x)
    slope = jnp.where(x == 0, 0, 0.5 / jnp.where(x == 0, 1, root))
    return root, slope * dx


class _Numpy:
    """jax.numpy, but for a square root whose slope at 0 is 0."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    def sqrt(self, x: Any) -> jax.Array:
        return _sqrt(x)


NUMPY: Any = _Numpy()


def _choose(condition: Any, then: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """Runs one side of an `if`, lazily even under jit."""
    if isinstance(condition, bool | int | float):
        return run.choose_now(condition, then, orelse)
    return jax.lax.cond(condition != 0, then, orelse)
