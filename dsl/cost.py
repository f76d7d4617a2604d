"""What a program costs for each entry of a large matrix: bytes of state, operations a step."""

from __future__ import annotations

import math

from primitives import TABLE

from .known import OneLeaf
from .program import Call, Program, Ref, calls
from .settle import settle
from .shapes import Leaf, state_shape

SIDE = 1024  # of the square parameter on which costs are counted
_BYTES = 4  # of a float32
_LEAF = Leaf((SIDE, SIDE))


def state_bytes(program: Program) -> float:
    """Returns the bytes of state for each parameter entry, of the states that are stored."""
    settled = settle(program, (_LEAF,))
    sizes = [
        math.prod(state_shape(state, _LEAF) or ())
        for state in program.states
        if state.declared.kind != "Scalar" and settled.stored.get(state.name, (False,))[0]
    ]
    return _BYTES * sum(sizes) / SIDE**2


def flops(program: Program) -> float:
    """Returns the floating-point operations of one step for each parameter entry."""
    settled = settle(program, (_LEAF,)).of[0]
    live = [call for call in calls(program.body) if call.out in settled.live]
    return sum(_flops(call, settled) for call in live) / SIDE**2


def _flops(call: Call, settled: OneLeaf) -> float:
    """A call costs by its largest array: a reduction by what it reads."""
    sizes = [_size(ref, settled) for ref in (call.out, *call.args)]
    return TABLE[call.op].flops * max(sizes)


def _size(ref: Ref, settled: OneLeaf) -> int:
    known = settled.known.get(ref)
    return math.prod(known.shape) if known is not None else 1
