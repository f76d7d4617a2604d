"""What PyTorch does to whole lists of tensors, by the names after `torch._foreach_`."""

from __future__ import annotations

UNARY: dict[str, str] = {
    **{
        name: name
        for name in (
            "abs neg sqrt exp expm1 log log2 log10 log1p sin cos tan sinh cosh tanh sign floor"
            " reciprocal sigmoid"
        ).split()
    },
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
}
LISTS = frozenset("add sub mul div maximum minimum pow".split())
COMMUTATIVE = frozenset("add mul maximum minimum".split())
# Of a list and a number; a number that is a tensor may stand in some of them alone.
NUMBER: dict[str, str] = {
    **{name: name for name in ("add", "sub", "mul", "div", "pow")},
    "maximum": "clamp_min",
    "minimum": "clamp_max",
}
WITH_TENSOR = frozenset({"add", "mul", "div"})
TURNED = {"sub": ("neg", "add"), "div": ("reciprocal", "mul")}  # a number before a list
POWERS = {"square": "2", "cube": "3"}
