"""References of orthogonal rules that hold something: weights on a sphere, logits below a bound."""

from __future__ import annotations

from functools import partial
from typing import Any

from .free import _in_double
from .reference import COLLECTION, Reference, Settings

_PROJECTIONS = ("query", "key", "query_rotary")
_ROLES = (*_PROJECTIONS, "embedding", "", "")
_SHAPES = ((6, 4), (4, 4), (3, 5), (3, 4), (4,), (4, 2, 3, 3))


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
