"""What a rule keeps, computes and reads."""

from __future__ import annotations

from dsl import flops, state_bytes

from .seen import COUNTED, Fact, Seen


def state_bytes_per_parameter(seen: Seen) -> Fact:
    """Bytes of state for each entry of a large matrix, in single precision."""
    size = state_bytes(seen.program)
    text = f"It keeps {size:.3g} bytes for each parameter."
    return Fact("state_bytes_per_parameter", size, text, COUNTED)


def flops_per_parameter(seen: Seen) -> Fact:
    """Operations of a step for each entry of a large matrix."""
    work = flops(seen.program)
    text = f"It does {work:.3g} operations for each parameter."
    return Fact("flops_per_parameter", work, text, COUNTED)


def reads_time(seen: Seen) -> Fact:
    """Whether it reads the number of the step, or how long the run is."""
    read = [name for name in ("t", "T") if name in seen.program.inputs]
    names = {"t": "the number of the step", "T": "the length of the run"}
    if not read:
        return Fact("reads_time", "", "It reads neither the step nor the horizon.", COUNTED)
    text = f"It reads {' and '.join(names[n] for n in read)}."
    return Fact("reads_time", ",".join(read), text, COUNTED)
