"""References of learning rates over time, each as a factor on what it is handed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .reference import COLLECTION, OPTAX, PAPER, STEPS, TORCH, Arrays, Reference, Settings, Step

Rate = Callable[[int], float]  # by the number of steps before


def _steps(h: Settings, name: str, share: float) -> int:
    """A share of the run, as the whole number of steps that the libraries want."""
    return round(h.get(name, share) * STEPS)


def _scaled(make: Callable[[Any, Settings], Any]) -> Callable[[Any, Any, Settings], Any]:
    """Makes the transformation that follows a schedule of optax, asked in double precision.

    The count that optax hands it is a whole number, and a division of it would be narrow.
    """

    def scaled(ox: Any, lr: Any, h: Settings) -> Any:
        schedule = make(ox, h)
        wide = ox.scale_by_schedule(lambda count: schedule(count.astype("float64")))
        return ox.chain(wide, ox.scale(-1.0))

    return scaled


class _Descent:
    """Gradient descent at given rates, which the rate of the comparison does not reach."""

    param_groups: tuple[Any, ...] = ()

    def __init__(self, parameters: Any, rate: Rate) -> None:
        self.parameters, self.rate, self.count = parameters, rate, 0

    def step(self, closure: Any = None) -> None:
        for p in self.parameters:
            p.data -= self.rate(self.count) * p.grad
        self.count += 1


def _stepped(make: Callable[[Any, Any, Settings], Any]) -> Callable[[Any, Any, Settings], Any]:
    """Makes the pairs for a scheduler in the style of torch, `make(module, optimizer, settings)`.

    It runs on an optimizer with nothing to do, and its rates are read off.
    """

    def pairs(module: Any, parameters: Any, h: Settings) -> list[tuple[Any, float]]:
        import torch

        idle = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
        schedule = make(module, idle, h)
        rates = []
        for _ in range(STEPS):
            rates.append(float(idle.param_groups[0]["lr"]))
            idle.step()
            schedule.step()
        return [(_Descent(parameters, rates.__getitem__), 1.0)]

    return pairs


def _wsd(po: Any, optimizer: Any, h: Settings) -> Any:
    warmup, decay = _steps(h, "warmup", 0.125), _steps(h, "decay", 0.25)
    stable = STEPS - warmup - decay
    return po.get_wsd_schedule(optimizer, warmup, stable, decay, cooldown_type="1-sqrt")


def _rex(po: Any, parameters: Any, h: Settings) -> list[tuple[Any, float]]:
    """Asked for each rate by its step, since the library's first step is at the last rate."""
    import torch

    idle = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    schedule = po.REXScheduler(idle, STEPS, 1.0, h.get("end", 0.0))

    def rate(count: int) -> float:
        schedule.step_t = count
        return float(schedule.get_linear_lr())

    return [(_Descent(parameters, rate), 1.0)]


def _inverse_root(np: Any, start: Arrays, h: Settings) -> Step:
    width, warmup = h.get("width", 512.0), h.get("warmup", 4000.0)

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
        rate = width**-0.5 * min(t**-0.5, t * warmup**-1.5)
        return [w - rate * g for w, g in zip(ws, gs, strict=True)]

    return step


def _knee(np: Any, start: Arrays, h: Settings) -> Step:
    """The rate stays at its peak for a while, to explore, and then falls in a straight line."""
    explore = h.get("explore", 0.5) * STEPS

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
        done = t - 1
        rate = 1.0 if done < explore else (STEPS - done) / (STEPS - explore)
        return [w - rate * g for w, g in zip(ws, gs, strict=True)]

    return step


def _refined(np: Any, start: Arrays, h: Settings) -> Step:
    """The rate of the t-th step of as many, by the norms of an earlier run's gradients."""
    norms: Any = h["norms"]
    weights = np.asarray(norms) ** -2.0
    rates = [w * weights[k + 1 :].sum() / weights.sum() for k, w in enumerate(weights)]

    def step(t: int, lr: float, ws: Arrays, gs: Arrays, oracles: Any) -> Arrays:
        rate = rates[t - 1] if t <= len(rates) else 0.0
        return [w - rate * g for w, g in zip(ws, gs, strict=True)]

    return step


_EARLIER: dict[str, Any] = {"norms": (3.0, 1.0, 0.5, 0.7, 2.0)}  # a run that ends before
_END = ({}, {"end": 0.3})
_SHAPED = ({}, {"end": 0.3, "power": 1.5})

PAPER_SCHEDULES: tuple[Reference, ...] = (
    Reference("linear_decay_schedule", OPTAX, "linear_schedule(1, end, T)",
              _scaled(lambda ox, h: ox.linear_schedule(1.0, h.get("end", 0.0), STEPS)), _END),
    Reference("polynomial_schedule", OPTAX, "polynomial_schedule(1, end, power, T)",
              _scaled(lambda ox, h: ox.polynomial_schedule(
                  1.0, h.get("end", 0.0), h.get("power", 2.0), STEPS)), _SHAPED),
    Reference("exponential_schedule", OPTAX, "exponential_decay(1, T, end)",
              _scaled(lambda ox, h: ox.exponential_decay(1.0, STEPS, h.get("end", 0.01))), _END),
    Reference("cosine_schedule", OPTAX, "cosine_decay_schedule(1, T, end, power)",
              _scaled(lambda ox, h: ox.cosine_decay_schedule(
                  1.0, STEPS, h.get("end", 0.0), h.get("power", 1.0))), _SHAPED),
    Reference("warmup_schedule", OPTAX, "warmup_constant_schedule(start, 1, warmup)",
              _scaled(lambda ox, h: ox.warmup_constant_schedule(
                  h.get("start", 0.0), 1.0, int(h.get("warmup", 10.0)))),
              ({}, {"start": 0.2, "warmup": 6.0})),
    Reference("warmup_cosine_schedule", OPTAX,
              "warmup_cosine_decay_schedule(start, 1, warmup * T, T, end, power)",
              _scaled(lambda ox, h: ox.warmup_cosine_decay_schedule(
                  h.get("start", 0.0), 1.0, _steps(h, "warmup", 0.25), STEPS,
                  h.get("end", 0.0), h.get("power", 1.0))),
              ({}, {"start": 0.2, "warmup": 0.125, "end": 0.3, "power": 1.5})),
    Reference("one_cycle_schedule", OPTAX, "cosine_onecycle_schedule(T, 1, warmup, first, last)",
              _scaled(lambda ox, h: ox.cosine_onecycle_schedule(
                  STEPS, 1.0, h.get("warmup", 0.3), h.get("first", 25.0), h.get("last", 1e4))),
              ({}, {"warmup": 0.5, "first": 3.0, "last": 2.0})),
    Reference("wsd_schedule", COLLECTION,
              'get_wsd_schedule(SGD, warmup * T, stable, decay * T, cooldown_type="1-sqrt")',
              _stepped(_wsd), ({}, {"warmup": 0.25, "decay": 0.5})),
    Reference("rex_schedule", COLLECTION, "REXScheduler(SGD, T, 1, end).get_linear_lr()", _rex,
              _END),
    Reference("inverse_root_schedule", PAPER, "equation 3 of Vaswani et al., 2017", _inverse_root,
              ({}, {"width": 16.0, "warmup": 9.5})),
    Reference("knee_schedule", PAPER, "explore-exploit schedule of Iyer et al., 2020", _knee,
              ({}, {"explore": 0.3})),
    Reference("refined_schedule", PAPER,
              "facebookresearch/adaptive_scheduling 907cecb, find_closed_form_schedule", _refined,
              (_EARLIER,)),
    Reference("warm_restarts_schedule", TORCH,
              "optim.lr_scheduler.CosineAnnealingWarmRestarts(SGD, k, eta_min=end)",
              _stepped(lambda to, sgd, h: to.optim.lr_scheduler.CosineAnnealingWarmRestarts(
                  sgd, int(h.get("k", 10)), eta_min=h.get("end", 0.0))),
              ({}, {"k": 7, "end": 0.3})),
    Reference("step_schedule", TORCH, "optim.lr_scheduler.StepLR(SGD, k, gamma)",
              _stepped(lambda to, sgd, h: to.optim.lr_scheduler.StepLR(
                  sgd, int(h["k"]), h.get("gamma", 0.1))),
              ({"k": 5}, {"k": 7, "gamma": 0.6})),
    Reference("cyclic_schedule", TORCH,
              "optim.lr_scheduler.CyclicLR(SGD, low, 1, k, cycle_momentum=False)",
              _stepped(lambda to, sgd, h: to.optim.lr_scheduler.CyclicLR(
                  sgd, h.get("low", 0.1), 1.0, int(h.get("k", 10)), cycle_momentum=False)),
              ({"k": 5}, {"k": 7, "low": 0.3})),
)  # fmt: skip
