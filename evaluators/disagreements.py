"""Where other libraries differ from the papers that they implement, each shown by a few numbers.

`python -m evaluators.disagreements` measures them all, or those named, and
`python -m evaluators.disagreements --write` writes `dsl/zoo/DISAGREEMENTS.md`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

Numbers = tuple[float, float]  # what the paper gives, what the library gives


@dataclass(frozen=True)
class Disagreement:
    """One place: what is said, and what the library does, as one number each."""

    name: str
    library: str
    call: str
    what: str
    number: str  # what is measured
    measure: Callable[[], Numbers]


def _torch(make: Callable[[Any, Any], Any], start: Any, gradients: Iterable[Any]) -> list[Any]:
    """Returns one parameter after each step of a rule of the collection, in double precision."""
    torch, collection = importlib.import_module("torch"), importlib.import_module(COLLECTION)
    p = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    rule, path = make(collection, [p]), []
    for gradient in gradients:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        rule.step()
        path.append(p.detach().numpy().copy())
    return path


COLLECTION = "pytorch_optimizer"
_DRAW = np.random.RandomState(0)
_START = _DRAW.normal(size=50)
_GRADIENTS = _DRAW.normal(size=(12, 50)) + 0.3


def _polyak() -> Numbers:
    import jax.numpy as jnp
    import optax

    rule: Any = optax.polyak_sgd(max_learning_rate=1e9, scaling=0.5)
    w, g = jnp.asarray([2.0]), jnp.asarray([2.0])  # of the loss w**2 / 2 + 2, which is 4 here
    update, _ = rule.update(g, rule.init(w), w, value=4.0)
    return -0.5 * 4.0 / 4.0 * 2.0, float(update[0])


def _multi_steps() -> Numbers:
    import jax
    import jax.numpy as jnp
    import optax

    with jax.enable_x64(True):
        rule: Any = optax.MultiSteps(optax.sgd(1.0), 3)
        w = jnp.zeros(())
        state = rule.init(w)
        for g in (1.0, 1e-9, 1e-9):
            update, state = rule.update(jnp.asarray(g), state, w)
        return 2 / 3, 1e9 * (-float(update) - 1 / 3)


def _focus() -> Numbers:
    path = _torch(
        lambda po, ps: po.FOCUS(ps, 0.05, (0.9, 0.75), 0.3, 0.5), _START, _GRADIENTS
    )
    w, m, average = _START, 0.0, 0.0
    for t, g in enumerate(_GRADIENTS, start=1):
        m, average = 0.9 * m + 0.1 * g, 0.75 * average + 0.25 * w
        pull = np.sign(w - average / (1 - 0.75**t)) if t > 1 else 0.0
        w = w - 0.05 * (np.sign(m) + 0.3 * pull + 0.5 * average / (1 - 0.75**t))
    return float(np.linalg.norm(w)), float(np.linalg.norm(path[-1]))


def _amos() -> Numbers:
    """More decay is to leave shorter weights."""
    plain, decayed = (
        _torch(lambda po, ps, l2=l2: po.Amos(ps, 0.05, extra_l2=l2), _START, _GRADIENTS)[-1]
        for l2 in (0.0, 0.01)
    )
    return float(np.linalg.norm(plain)), float(np.linalg.norm(decayed))


def _srmm() -> Numbers:
    first = _torch(lambda po, ps: po.SRMM(ps, 1e-9), [1.0], [[1.0]])[0]
    return 1.0, float(first[0])


def _ranger() -> Numbers:
    """Before its second moment can be trusted, RAdam descends by momentum."""
    first = _torch(lambda po, ps: po.Ranger(ps, 0.1), [0.0], [[1.0]])[0]
    return -0.1, float(first[0])


def _dadapt_adan() -> Numbers:
    """The third average is that of squares, so it grows a hundredfold with tenfold gradients."""
    torch, collection = importlib.import_module("torch"), importlib.import_module(COLLECTION)
    sizes = []
    for scale in (1.0, 10.0):
        p = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
        rule = collection.DAdaptAdan([p])
        for gradient in (1.0, 2.0, 4.0):
            p.grad = torch.full((3,), scale * gradient, dtype=torch.float64)
            rule.step()
        sizes.append(float(rule.state[p]["exp_avg_sq"].mean()) / rule.param_groups[0]["d"] ** 2)
    return 100.0, sizes[1] / sizes[0]


def _rex() -> Numbers:
    torch, collection = importlib.import_module("torch"), importlib.import_module(COLLECTION)
    rule = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 1.0)
    collection.REXScheduler(rule, 4, 1.0, 0.1)
    return 1.0, rule.param_groups[0]["lr"]


def _alig() -> Numbers:
    """Polyak's step at loss 1, where the gradient is so small that eps decides."""
    torch, collection = importlib.import_module("torch"), importlib.import_module(COLLECTION)
    p = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    rule = collection.AliG([p], max_lr=1e9, momentum=0.0)

    def closure() -> Any:
        rule.zero_grad()
        with torch.enable_grad():
            loss = 1e-4 * (p.sum() - 1) + 1.0  # a gradient of 1e-4, whose square is 1e-8
            loss.backward()
        return loss

    rule.step(closure)
    return 1e-4 / (1e-8 + 1e-5), 1.0 - float(p.detach()[0])


def _apollo() -> Numbers:
    """The gradient is scaled, whole; only how much is worked out in the subspace."""
    torch, collection = importlib.import_module("torch"), importlib.import_module(COLLECTION)
    torch.manual_seed(0)
    p = torch.nn.Parameter(torch.zeros(6, 6, dtype=torch.float64))
    gradient = _DRAW.normal(size=(6, 6))
    group = {"params": [p], "rank": 2, "update_proj_gap": 9, "scale": 1.0, "projection_type": "std"}
    rule = collection.APOLLO([group], 0.1)
    p.grad = torch.tensor(gradient)
    rule.step()
    return float(np.linalg.matrix_rank(gradient)), float(torch.linalg.matrix_rank(p.detach()))


def _galore() -> Numbers:
    """Moments are kept for the gradient projected along the shorter side."""
    import jax
    import jax.numpy as jnp
    import optax

    rule: Any = optax.contrib.galore(0.1, rank=2)
    state = rule.init({"w": jnp.zeros((40, 3))})
    sizes = [leaf.size for leaf in jax.tree.leaves(state) if leaf.ndim == 2]
    return 2.0 * (2 * 40) + 3 * 2, float(sum(sizes))


DISAGREEMENTS: tuple[Disagreement, ...] = (
    Disagreement(
        "polyak_sgd", "optax", "polyak_sgd(scaling=0.5)",
        "Its documentation multiplies Polyak's step by `scaling`. The gradient is scaled first, so"
        " that the squared norm in the step is scaled twice and half a step becomes a double one.",
        "the update at loss 4 and gradient 2", _polyak,
    ),
    Disagreement(
        "multi_steps", "optax", "MultiSteps(sgd(1.0), 3)",
        "Gradients are summed in single precision whatever the parameters are, unless"
        " `accumulator_dtype` is given.",
        "1e9 times what the mean of 1, 1e-9 and 1e-9 is above a third", _multi_steps,
    ),
    Disagreement(
        "focus", COLLECTION, "FOCUS(weight_decay=0.5)",
        "Weights are decayed before the pull towards their average is taken; the authors decay"
        " last.",
        "length of the weights after 12 steps", _focus,
    ),
    Disagreement(
        "amos", COLLECTION, "Amos(extra_l2=0.01)",
        "The extra decay has the wrong sign: it makes weights grow.",
        "length of the weights after 12 steps, without and with it", _amos,
    ),
    Disagreement(
        "srmm", COLLECTION, "SRMM()",
        "The average of the parameters starts at 0 and is then the parameters themselves, so that"
        " the first step shrinks them by the root of 2 at any learning rate.",
        "a weight of 1 after a step at rate 1e-9", _srmm,
    ),
    Disagreement(
        "ranger", COLLECTION, "Ranger(lr=0.1)",
        "With its defaults it climbs for as long as RAdam is not rectified;"
        " `degenerated_to_sgd=True` is the authors' rule.",
        "the first update at gradient 1", _ranger,
    ),
    Disagreement(
        "dadapt_adan", COLLECTION, "DAdaptAdan()",
        "The squared difference of gradients is squared again before it is averaged.",
        "growth of the average as gradients grow tenfold", _dadapt_adan,
    ),
    Disagreement(
        "rex_schedule", COLLECTION, "REXScheduler(optimizer, 4, max_lr=1.0, min_lr=0.1)",
        "The rate is set to the least once the schedule stands, so the first step is made at it and"
        " the largest rate is never used.",
        "the rate of the first step", _rex,
    ),
    Disagreement(
        "alig", COLLECTION, "AliG(max_lr=1e9, momentum=0.0)",
        "1e-6 is added to the squared norm of the gradient; the authors add 1e-5.",
        "the first move at loss 1 and gradient 1e-4", _alig,
    ),
    Disagreement(
        "apollo", COLLECTION, "APOLLO(rank=2)",
        "The scaled gradient is the projected one, which is projected back; the authors scale the"
        " gradient itself, so that no direction is lost.",
        "rank of the first update of a 6 x 6 matrix", _apollo,
    ),
    Disagreement(
        "galore", "optax", "contrib.galore(rank=2)",
        "The longer side of a matrix is projected; the authors project the shorter one.",
        "entries of moments and projector for a 40 x 3 matrix", _galore,
    ),
)  # fmt: skip


def found(names: Sequence[str] = ()) -> list[tuple[Disagreement, Numbers]]:
    """Returns the disagreements, or those named, with their numbers, measured now."""
    chosen = [one for one in DISAGREEMENTS if not names or one.name in names]
    return [(one, one.measure()) for one in chosen]


def page(rows: Iterable[tuple[Disagreement, Numbers]]) -> str:
    """Returns them as Markdown."""
    versions = {name: importlib.metadata.version(name) for name in ("optax", COLLECTION)}
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        "# Where libraries differ from the papers",
        "",
        "Found while every program of the zoo was compared with its reference, step by step."
        f" Measured with {said}; `python -m evaluators.disagreements NAME` measures again.",
        "",
        "| name | library | call | what | measured | paper | library's |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one, (paper, library) in rows:
        cells = (one.name, one.library, f"`{one.call}`", one.what, one.number,
                 f"{paper:.5g}", f"{library:.5g}")  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked == ["--write"]:
        path = files("dsl.zoo") / "DISAGREEMENTS.md"
        path.write_text(page(found()), encoding="utf-8")  # type: ignore[attr-defined]
    else:
        for one, (paper, library) in found(asked):
            print(f"{one.name}: {one.number}: paper {paper:.5g}, {one.library} {library:.5g}")
