"""Writes a program as an optax transformation: `adamw(learning_rate, *, beta1=0.9, ...)`."""

from __future__ import annotations

from ..needs import oracles
from ..program import Program, Ref
from . import lines as write
from .levels import look
from .loops import listed_stage
from .names import class_name, function_name
from .numpy_spellings import ARRAYS as NUMPY_ARRAYS
from .numpy_spellings import HELPERS as NUMPY_HELPERS
from .plan import Plan, make_plan
from .points import apart
from .spell import fill, negated, number, written
from .starts import guard, start
from .target import NUMBERS, OPERATORS, Target

# Which argument of `update` answers an oracle.
ASKED_OF = {
    "grad_at": "value_fn",
    "loss_at": "value_fn",
    "hvp": "value_fn",
    "full_grad": "full_value_fn",
    "project": "project",
    "prox": "prox",
    "lmo": "lmo",
}

ARRAYS: dict[str, str] = {
    **{op: spelling.replace("np.", "jnp.") for op, spelling in NUMPY_ARRAYS.items()},
    **OPERATORS,
    "where:number": "jnp.where(x, y, z)",
    "where:numbers": "jnp.where(x, y, z)",
    "reciprocal": "1.0 / x",
    "sigmoid": "jax.nn.sigmoid(x)",
    "relu": "jax.nn.relu(x)",
    "sign": "jnp.sign(x)",
    "global_max": "jnp.stack([jnp.max(x) for x in xs]).max()",
    "global_min": "jnp.stack([jnp.min(x) for x in xs]).min()",
    "grad_at": "tree.flatten_up_to(jax.grad(value_fn)(tree.unflatten(xs)))",
    "loss_at": "value_fn(tree.unflatten(xs))",
    "hvp": "tree.flatten_up_to("
    "jax.jvp(jax.grad(value_fn), (params,), (tree.unflatten(xs),))[1])",
    "full_grad": "tree.flatten_up_to(jax.grad(full_value_fn)(tree.unflatten(xs)))",
    "project": "tree.flatten_up_to(project(tree.unflatten(xs)))",
    "prox": "tree.flatten_up_to(prox(tree.unflatten(xs), tree.unflatten(ys)))",
    "lmo": "tree.flatten_up_to(lmo(tree.unflatten(xs)))",
    "copy": "x",
    "single": "jnp.asarray(x, w.dtype)",
    "scalar": "jnp.asarray(x, float)",
}

HELPERS: dict[str, str] = {
    name: text.replace("np.atleast_1d(keep)", "(keep if isinstance(keep, tuple) else (keep,))")
    .replace("np.", "jnp.")
    for name, text in NUMPY_HELPERS.items()
}

OPTAX = Target(
    "optax",
    ARRAYS,
    NUMBERS,
    HELPERS,
    traced=True,
    cast="x.astype(w.dtype)",
    whole="jnp.full_like(w, x)",
    reserved=frozenset(
        "jax jnp optax init update updates state params grads roles tree ws gs learning_rate value"
        " value_fn full_value_fn project prox lmo extra"
        " NamedTuple State".split()
    ),
)


def to_optax(program: Program) -> str:
    """Returns a module with an optax `GradientTransformation` for `program`."""
    lists: dict[Ref, str] = {s.name: f"old_{s.name}" for s in program.states}
    lists |= {"w": "ws", "g": "gs", "role": "all_roles", "place": "range(len(ws))"}
    step, point = apart(program)
    plan = make_plan(step, OPTAX, lists)
    inputs = ["learning_rate"] if "lr" in program.inputs else []
    keywords = [*(["T"] if "T" in program.inputs else []), *write.defaults(program, plan)]
    keywords += ["roles=None"] if write.uses_role(program) else []
    more = []
    if write.uses_role(program):
        more = ['roles is a tree like the parameters, of strings such as "embedding".']
    loss = "loss" in program.inputs or bool(oracles(program))
    made = "GradientTransformationExtraArgs" if loss else "GradientTransformation"
    body = [*write.about(program, *more), "", *_init(plan), "", *_update(plan)]
    body += ["", f"return optax.{made}(init, update)"]
    head = write.signature(function_name(program, OPTAX), inputs, keywords)
    text = [*_state(plan), "", "", *head]
    imports = ["from typing import NamedTuple", "", "import jax", "import jax.numpy as jnp"]
    text += write.indented(body)
    if point is not None:
        text += ["", "", *_point(make_plan(point, OPTAX, lists))]
    return write.module([*imports, "import optax"], plan, text)


def _point(plan: Plan) -> list[str]:
    """Returns the function that gives where the model is to be evaluated."""
    keywords = write.defaults(plan.program, plan)
    first = write.signature("eval_params", ["state", "params"], keywords)
    lines = write.docstring("Returns where the model is to be evaluated, a tree like params.")
    stages: list[str] = []
    for index in range(len(plan.stages)):
        stages += listed_stage(plan, index, "points", _stored)
    lines += _loads(plan, "\n".join(stages)) + stages
    return [*first, *write.indented([*lines, "return tree.unflatten(points)"])]


def _stored(role: str, ref: Ref, plan: Plan) -> str:
    return written(write.stored(role, ref, plan))


def _title(plan: Plan) -> str:
    return f"{class_name(plan.program)}State"


def _state(plan: Plan) -> list[str]:
    lines = [f"class {_title(plan)}(NamedTuple):", "    t: jax.Array"]
    for state in plan.program.states:
        kind = "optax.Updates" if look(plan.scope.infos, state.name).leaf else "jax.Array"
        lines.append(f"    {state.name}: {kind}")
    return lines


def _init(plan: Plan) -> list[str]:
    entries = ["t=jnp.zeros([], jnp.int32),"]
    for state in plan.program.states:
        made = start(state, plan, {"w": "jax.tree.leaves(params)"})
        if look(plan.scope.infos, state.name).leaf:
            entries += _over_tree(state.name, made, guard(state, plan))
        else:
            entries.append(f"{state.name}={made},")
    given = ['filled = roles or jax.tree.map(lambda w: "", params)']
    given = given if any("filled" in line for line in entries) else []
    whole = f"return {_title(plan)}({' '.join(entries).rstrip(',')})"
    if len(whole) <= write.WIDTH - 8 and len(entries) <= 2:
        return ["def init(params):", *write.indented([*given, whole])]
    inner = [*given, f"return {_title(plan)}(", *write.indented(entries), ")"]
    return ["def init(params):", *write.indented(inner)]


def _over_tree(name: str, made: str, asked: str) -> list[str]:
    """Returns the entry of a state with one value for each parameter."""
    if not asked and made in ("jnp.zeros_like(w)", "w"):
        value = "params" if made == "w" else "jax.tree.map(jnp.zeros_like, params)"
        return [f"{name}={value},"]
    roles = write.mentions(asked, "role") or write.mentions(made, "role")
    head, trees = ("w, role", "params, filled") if roles else ("w", "params")
    body = [made, f"if {asked}", "else None"] if asked else [made]
    line = f"{name}=jax.tree.map(lambda {head}: {' '.join(body)}, {trees}),"
    if len(line) <= write.WIDTH - 12:
        return [line]
    body[0] = f"lambda {head}: {body[0]}"
    body[-1] += ","
    return [f"{name}=jax.tree.map(", *write.indented([*body, f"{trees},"]), "),"]


def _update(plan: Plan) -> list[str]:
    program = plan.program
    loss = "loss" in program.inputs
    asked = [*(["value"] if loss else []), *dict.fromkeys(map(ASKED_OF.get, oracles(program)))]
    arguments = "grads, state, params=None"
    arguments += f", *, {', '.join(map(str, asked))}, **extra" if asked else ""
    asks = "update needs the parameters: update(grads, state, params)."
    lines = ["if params is None:", f'    raise ValueError("{asks}")']
    if "t" in program.inputs:  # a whole number would be narrowed by roots and divisions
        lines.append("t = jnp.asarray(state.t + 1, float)")
    if "lr" in program.inputs:
        lines.append("lr = learning_rate(state.t) if callable(learning_rate) else learning_rate")
    lines += ["loss = value"] if loss else []
    stages: list[str] = []
    for index in range(len(plan.stages)):
        stages += listed_stage(plan, index, "updates", _result)
    lines += _loads(plan, "\n".join(stages)) + stages
    return [f"def update({arguments}):", *write.indented([*lines, *_return(plan)])]


def _loads(plan: Plan, text: str) -> list[str]:
    program, scope = plan.program, plan.scope
    lines = ["ws, tree = jax.tree.flatten(params)"]
    lines += ["gs = tree.flatten_up_to(grads)"] if write.mentions(text, "gs") else []
    for state in program.states:
        if look(scope.infos, state.name).leaf and write.mentions(text, f"old_{state.name}"):
            lines.append(f"old_{state.name} = tree.flatten_up_to(state.{state.name})")
    for name in write.numbers_read(plan):
        lines.append(f"{scope.names[name]} = state.{name}")
    if write.mentions(text, "all_roles"):
        lines.append('all_roles = tree.flatten_up_to(roles) if roles else [""] * len(ws)')
    return lines


def _result(role: str, ref: Ref, plan: Plan) -> str:
    if role == "w":
        return written(fill("x - w", {"x": number(ref, plan.scope)}))
    if role != "return":
        return written(write.stored(role, ref, plan))
    made, info = number(ref, plan.scope), look(plan.scope.infos, ref)
    made = negated(made)
    return written(made if info.form == 2 else fill(OPTAX.whole, {"x": made}))


def _return(plan: Plan) -> list[str]:
    entries = ["state.t + 1"]
    for name, ref in plan.program.results:
        if name in ("return", "w"):
            continue
        if ref == name:
            entries.append(f"state.{name}")
        elif look(plan.scope.infos, name).leaf:
            entries.append(f"tree.unflatten(new_{plan.scope.names[name]})")
        else:
            made = number(ref, plan.scope)
            weak = look(plan.scope.infos, ref).weak
            entries.append(written(fill(ARRAYS["scalar"], {"x": made}) if weak else made))
    line = f"return tree.unflatten(updates), {_title(plan)}({', '.join(entries)})"
    if len(line) <= write.WIDTH - 8:
        return [line]
    inner = write.indented(f"{entry}," for entry in entries)
    made = [f"new_state = {_title(plan)}(", *inner, ")"]
    return [*made, "return tree.unflatten(updates), new_state"]
