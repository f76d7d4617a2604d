"""Works out where each value of a program belongs: once a step, or once a parameter and step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from primitives import TABLE
from primitives.core import ELEMENTWISE, MODEL, NOISE, ORACLE

from ..program import Branch, Call, Literal, Program, Ref, Statement
from .errors import ExportError

SINGLE, KEPT, FULL = range(3)  # one number a parameter, some of its axes, all of its entries
TRUTH = frozenset(
    "lt le gt ge eq ne logical_and logical_or logical_not isfinite one_of".split()
)


@dataclass(frozen=True, slots=True)
class Info:
    """What the writer has to know of a value."""

    leaf: bool = False  # differs from parameter to parameter
    static: bool = False  # known from shapes, roles and options
    python: bool = False  # a Python number or string, not an array
    truth: bool = False  # True or False, not 1 or 0
    weak: bool = False  # its dtype is that of what it meets: made of numbers alone
    form: int = SINGLE
    stage: int = 0  # how many reductions over the model must come before it
    own: bool = False  # noise that each parameter draws for itself


Infos = dict[Ref, Info]


def infer(program: Program, traced: bool) -> Infos:
    """Returns what is known of every value; `traced` tells that numbers may be tracers."""
    number = Info(python=not traced, weak=True)
    infos: Infos = {
        "w": Info(leaf=True, form=FULL),
        "g": Info(leaf=True, form=FULL),
        "t": number,
        "T": Info(python=True, weak=True),
        "lr": number,
        "loss": number,
    }
    for hyperparameter in program.hyperparameters:
        static = not isinstance(hyperparameter.default, float)
        infos[hyperparameter.name] = Info(
            static=static, python=static or not traced, weak=True
        )
    infos["eye"] = Info(leaf=True, form=FULL)  # of a Matrix, in its first value
    for state in program.states:
        infos[state.name] = _of_state(state.declared.kind, not traced)
    while True:  # a Scalar state is a Python number unless an array is stored in it
        _walk(program.body, infos)
        arrays = [s.name for s in program.states if _becomes_array(program, s.name, infos)]
        if not arrays:
            return infos
        for name in arrays:
            infos[name] = replace(infos[name], python=False)


def _becomes_array(program: Program, state: str, infos: Infos) -> bool:
    return infos[state].python and not look(infos, dict(program.results)[state]).python


def _of_state(kind: str, python: bool) -> Info:
    forms = {"Tensor": FULL, "Matrix": FULL, "Vector": KEPT, "Layer": SINGLE}
    if kind == "Scalar":
        return Info(python=python)
    if kind not in forms:
        raise ExportError(
            f"export writes states of kind Tensor, Matrix, Vector, Layer and Scalar, not {kind}."
        )
    return Info(leaf=True, form=forms[kind])


def look(infos: Infos, ref: Ref) -> Info:
    """Returns what is known of `ref`, a constant included."""
    if isinstance(ref, Literal):
        return Info(static=True, python=True, truth=isinstance(ref.value, bool), weak=True)
    if ref not in infos:
        raise ExportError(f"export knows the inputs w, g, t, T, lr and loss, not {ref!r}.")
    return infos[ref]


def _walk(body: Iterable[Statement], infos: Infos) -> None:
    for statement in body:
        if isinstance(statement, Call):
            infos[statement.out] = _of_call(statement, infos)
        else:
            _of_branch(statement, infos)


def _of_call(call: Call, infos: Infos) -> Info:
    primitive = TABLE[call.op]
    args = [look(infos, ref) for ref in call.args]
    stage = max((a.stage for a in args), default=0)
    leaf = any(a.leaf for a in args)
    if primitive.scope == MODEL:
        return Info(stage=stage + any(not isinstance(ref, str) for ref in call.args))
    if primitive.scope == ORACLE:
        # It needs its point on all parameters: what a loop over them leaves.
        later = stage + any(isinstance(ref, int) for ref in call.args)
        if primitive.result == "scalar":
            return Info(stage=later)
        return Info(leaf=True, form=FULL, stage=later)
    if primitive.result in ("shape", "static"):
        return Info(leaf, True, True, call.op in TRUTH, True, SINGLE, stage)
    python = all(a.python for a in args)
    weak = all(a.weak for a in (args[1:] if call.op == "where" else args))
    form = max(a.form for a in args)
    if primitive.scope == NOISE:
        return Info(leaf, form=form, stage=stage, own=leaf)
    if primitive.scope == ELEMENTWISE:
        static = all(a.static for a in args)
        return Info(leaf, static, python, call.op in TRUTH, weak, form, stage)
    if primitive.result in ("reduce", "quantile"):
        form = KEPT if axes_of(call) and form != SINGLE else SINGLE
    return Info(leaf, False, python, False, weak, form, stage)


def is_oracle(statement: Statement) -> bool:
    """Tells whether a statement asks the task something, about all parameters at once."""
    return isinstance(statement, Call) and TABLE[statement.op].scope == ORACLE


def is_of_model(call: Call) -> bool:
    """Tells whether a call takes the arrays of all parameters."""
    return TABLE[call.op].scope in (MODEL, ORACLE)


def axes_of(call: Call) -> dict[str, object]:
    """Returns the axis= or keep= of a reduction, if it has one."""
    if TABLE[call.op].result not in ("reduce", "quantile"):
        return {}
    return {key: value for key, value in call.options if key in ("axis", "keep")}


def _of_branch(branch: Branch, infos: Infos) -> None:
    condition = look(infos, branch.condition)
    for block in (branch.then, branch.orelse):
        _walk(block.body, infos)
    sides = [[look(infos, ref) for ref in b.results] for b in (branch.then, branch.orelse)]
    for out, a, b in zip(branch.outs, *sides, strict=True):
        infos[out] = Info(
            leaf=condition.leaf or a.leaf or b.leaf,
            python=condition.python and a.python and b.python,
            truth=a.truth and b.truth,
            weak=a.weak and b.weak,
            form=max(condition.form, a.form, b.form),
            stage=max(condition.stage, a.stage, b.stage),
        )
    stage = max((infos[ref].stage for ref in _defined(branch)), default=condition.stage)
    for ref in _defined(branch):
        # What is computed for some parameters only is computed in the loop over them.
        leaf = infos[ref].leaf or condition.leaf
        infos[ref] = replace(infos[ref], leaf=leaf, stage=max(stage, condition.stage))


def _defined(branch: Branch) -> list[int]:
    return list(branch.outs) + [
        ref for block in (branch.then, branch.orelse) for ref in outs_of(block.body)
    ]


def outs_of(body: Iterable[Statement]) -> list[int]:
    """Returns the numbers of all values of a body, those inside `if`s included."""
    found: list[int] = []
    for statement in body:
        found += [statement.out] if isinstance(statement, Call) else _defined(statement)
    return found
