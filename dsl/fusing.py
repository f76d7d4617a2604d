"""Emits instructions in single assignment, fusing sums, products and roots where it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .layout import Operation
from .linear import (
    Linear,
    Product,
    Root,
    divided,
    fold,
    plus_linear,
    register,
    scale_operand,
    scaled,
)
from .tape import ADD, ADD3, COPY, FMA, RATIO, ZERO, Instruction, Operand


@dataclass
class Emitter:
    """Writes instructions, each with a register of its own, from the number `next` on."""

    next: int
    instructions: list[Instruction] = field(default_factory=list)

    def emit(self, operation: Operation, operands: tuple[Operand, ...]) -> int:
        """Adds an instruction; returns the register that it sets."""
        target = self.next
        self.next += 1
        self.instructions.append(Instruction(target, operation, operands))
        return target

    def operand(self, value: Linear) -> Operand:
        """Returns a value as an operand, computed first if it has more than one term."""
        match value.terms:
            case ():
                return Operand(ZERO, 0.0, value.shift)
            case ((int(place), scale),):
                return Operand(place, scale, value.shift)
        return Operand(self.materialise(value))

    def materialise(self, value: Linear) -> int:
        """Computes a value with as few instructions as there are; returns its register."""
        products = [(t, c) for t, c in value.terms if isinstance(t, Product)]
        sums = [Operand(t, c) for t, c in value.terms if isinstance(t, int)]
        for term, scale in value.terms:
            if isinstance(term, Root):
                sums.append(Operand(self.emit(Operation("sqrt"), (term.of,)), scale))
        if sums:
            sums[0] = replace(sums[0], shift=value.shift)
        elif value.shift != 0.0 or not products:
            sums = [Operand(ZERO, 0.0, value.shift)]
        for product, scale in products:
            factors = (scale_operand(product.left, scale), product.right)
            if sums:
                sums[0] = Operand(self.emit(Operation(FMA), (sums[0], *factors)))
            else:
                sums = [Operand(self.emit(Operation("mul"), factors))]
        while len(sums) > 1:
            group = tuple(sums[:3])
            sums[:3] = [Operand(self.emit(Operation(ADD3 if len(group) > 2 else ADD), group))]
        if sums[0] == Operand(sums[0].register):
            return sums[0].register
        return self.emit(Operation(COPY), (sums[0],))


def _fused_mul(emitter: Emitter, a: Linear, b: Linear) -> Linear:
    if not a.terms or not b.terms:
        return scaled(a, b.shift) if a.terms else scaled(b, a.shift)
    return Linear(((Product(emitter.operand(a), emitter.operand(b)), 1.0),))


def _fused_div(emitter: Emitter, a: Linear, b: Linear) -> Linear | None:
    if not b.terms:
        return divided(a, b.shift)
    match b.terms:
        case ((Root(under), 1.0),):
            operands = (emitter.operand(a), under, Operand(ZERO, 0.0, b.shift))
            return register(emitter.emit(Operation(RATIO), operands))
    return None


def _fused_pow(emitter: Emitter, a: Linear, b: Linear) -> Linear | None:
    return _fused_mul(emitter, a, a) if b == Linear((), 2.0) else None


def _fused_lerp(emitter: Emitter, x: Linear, y: Linear, a: Linear) -> Linear | None:
    del emitter
    if a.terms:
        return None
    return plus_linear(scaled(x, fold("sub", 1.0, a.shift)), scaled(y, a.shift))


# How a primitive on linear values is fused; None where it is an instruction like any other.
FUSIONS: dict[str, Callable[..., Linear | None]] = {
    "add": lambda emitter, a, b: plus_linear(a, b),
    "sub": lambda emitter, a, b: plus_linear(a, scaled(b, -1.0)),
    "neg": lambda emitter, a: scaled(a, -1.0),
    "mul": _fused_mul,
    "square": lambda emitter, a: _fused_mul(emitter, a, a),
    "pow": _fused_pow,
    "div": _fused_div,
    "lerp": _fused_lerp,
    "sqrt": lambda emitter, a: Linear(((Root(emitter.operand(a)), 1.0),)),
}
