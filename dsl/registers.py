"""Register assignment: results go straight to where they stay, temporaries share places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .layout import Operation
from .tape import COPY, Instruction, Operand


def assign(
    instructions: Sequence[Instruction], finals: Mapping[int, int], first_temporary: int
) -> tuple[tuple[Instruction, ...], int]:
    """Returns instructions that leave the finals in place, and the number of registers.

    instructions are in single assignment, with temporaries numbered from the number of registers
    that stay. finals gives, for each register that stays, the register of its next value.
    """
    lowest = min((i.target for i in instructions), default=first_temporary)
    settled = _settle(list(instructions), dict(finals), first_temporary)
    return _share(settled, lowest)


def _settle(code: list[Instruction], finals: dict[int, int], fresh: int) -> list[Instruction]:
    """Renames a new value to the register it belongs in, or copies it there at the end."""
    defined = {instruction.target: at for at, instruction in enumerate(code)}
    last_read = {o.register: at for at, i in enumerate(code) for o in i.operands}
    # A register that stays and is another one's next value is read by a copy, after everything.
    last_read |= {source: len(code) for to, source in finals.items() if source not in defined}
    place: dict[int, int] = {}
    copies: list[tuple[int, int]] = []
    for to, source in finals.items():
        made = defined.get(source, -1)
        if made >= 0 and source not in place and last_read.get(to, -1) <= made:
            place[source] = to
        elif source != to:
            copies.append((to, source))
    code = [_renamed(instruction, place) for instruction in code]
    # Two rounds, so that states may swap their values.
    for number, (_, source) in enumerate(copies):
        code.append(_copy(fresh + number, place.get(source, source)))
    for number, (to, _) in enumerate(copies):
        code.append(_copy(to, fresh + number))
    return code


def _share(code: list[Instruction], lowest: int) -> tuple[tuple[Instruction, ...], int]:
    """Gives a temporary's place to another one after its last reading."""
    last_read = {o.register: at for at, i in enumerate(code) for o in i.operands}
    place: dict[int, int] = {}
    free: list[int] = []
    count = lowest
    for at, instruction in enumerate(code):
        operands = tuple(_moved(operand, place) for operand in instruction.operands)
        for register in {o.register for o in instruction.operands}:
            if register >= lowest and last_read[register] == at:
                free.append(place[register])
        target = instruction.target
        if target >= lowest:
            if not free:
                free.append(count)
                count += 1
            place[target] = free.pop()
        code[at] = replace(instruction, target=place.get(target, target), operands=operands)
    return tuple(code), count


def _renamed(instruction: Instruction, place: Mapping[int, int]) -> Instruction:
    operands = tuple(_moved(operand, place) for operand in instruction.operands)
    target = place.get(instruction.target, instruction.target)
    return replace(instruction, target=target, operands=operands)


def _moved(operand: Operand, place: Mapping[int, int]) -> Operand:
    return replace(operand, register=place.get(operand.register, operand.register))


def _copy(target: int, source: int) -> Instruction:
    return Instruction(target, Operation(COPY), (Operand(source),))
