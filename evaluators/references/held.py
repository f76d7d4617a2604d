"""References of orthogonal rules that hold something: weights on a sphere, logits below a bound."""

from __future__ import annotations

from functools import partial
from typing import Any

from .free import _in_double, using
from .reference import COLLECTION, Reference, Settings, betas

_PROJECTIONS = ("query", "key", "query_rotary")
_ROLES = (*_PROJECTIONS, "embedding", "", "")
_SHAPES = ((6, 4), (4, 4), (3, 5), (3, 4), (4,), (4, 2, 3, 3))


class _Wide:
    """torch, with double precision under the names of narrower kinds."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.torch, "float64" if name in ("bfloat16", "float32") else name)


def _spectral_sphere(po: Any, parameters: Any, h: Settings) -> Any:
    import torch

    matrices, rest = parameters[:-1], parameters[-1:]
    sphere = po.SpectralSphere(
        matrices, 1.0, h.get("beta", 0.9), h.get("weight_decay", 0.01),
        power_iteration_steps=int(h.get("power_steps", 10)),
        msign_steps=int(h.get("msign_steps", 5)),
        solver_tolerance_f=h.get("tolerance", 1e-8),
        solver_max_iterations=int(h.get("bisections", 20)),
    )  # fmt: skip
    adam = torch.optim.AdamW(rest, 1.0, betas(h), h.get("eps", 1e-8), h.get("weight_decay", 0.01))
    rounds = partial(po.optimizer.sso.find_bracket, max_expansions=int(h.get("brackets", 10)))

    def bracket(*args: Any, max_expansions: int, **named: Any) -> Any:
        return rounds(*args, **named)  # the library always says ten

    wide = using(sphere, po.optimizer.sso, torch=_Wide(torch), find_bracket=bracket)
    return [(wide, 1.0), (adam, h.get("adam_scale", 0.1))]


def _muonclip(po: Any, parameters: Any, h: Settings) -> Any:
    """One attention with one head, which the parameters belong to that have a role in it.

    The library raises the bound over the logit to a power in single precision; the settings are
    such that nothing is rounded there.
    """
    import torch

    pairs = list(zip(parameters, _ROLES, strict=True))
    matrices = [
        {"params": [p], "use_muon": True, "attention_name": "own", "qk_clip": role}
        if role in _PROJECTIONS else {"params": [p], "use_muon": True}
        for p, role in pairs if p.ndim >= 2 and role != "embedding"
    ]  # fmt: skip
    rest = [p for p, role in pairs if p.ndim < 2 or role == "embedding"]
    muon = po.MuonClip(
        matrices, 1.0, h.get("beta", 0.95), h.get("weight_decay", 0.0),
        h.get("threshold", 100.0), h.get("alpha", 0.5), foreach=False,
    )  # fmt: skip
    logits = {"own": torch.tensor([h.get("logit", 0.0)])}
    muon.step = partial(muon.step, attention_max_logits=logits)
    adam = po.MuonClip([{"params": rest, "use_muon": False}], foreach=False)
    return [(_in_double(muon, po.optimizer.muon.base), 1.0), (adam, h.get("adam_scale", 0.1))]


HELD: tuple[Reference, ...] = (
    Reference(
        "spectral_sphere", COLLECTION,
        "SpectralSphere(lr, beta, weight_decay), in float64 throughout", _spectral_sphere,
        (
            {
                "beta": 0.7, "weight_decay": 0.2, "tolerance": 0.05, "bisections": 2,
                "power_steps": 1, "msign_steps": 1, "adam_scale": 0.3, "beta1": 0.8, "beta2": 0.9,
                "eps": 0.1,
            },
        ),
        out=0, shapes=((3, 2), (2, 3), (4,)),
    ),
    Reference(
        "muonclip", COLLECTION, "MuonClip(lr, beta, weight_decay, threshold, alpha) in float64",
        _muonclip,
        (
            {},
            {"beta": 0.7, "weight_decay": 0.2, "threshold": 1.0, "alpha": 0.25, "logit": 16.0,
             "adam_scale": 0.3},
        ),
        out=0, shapes=_SHAPES, roles=_ROLES,
        gradient_scale=1000.0,  # the library floors the norm, the program adds to it
    ),
)  # fmt: skip
