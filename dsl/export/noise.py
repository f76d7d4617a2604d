"""How noise is written: helpers that draw the numbers of the lowered program, in each library."""

from __future__ import annotations

from dataclasses import replace

from primitives import NOISE, TABLE

from ..program import Program, calls

# seed is an argument of the rule, place the number of the parameter, -1 for one of the whole model.
SPELLINGS: dict[str, str] = {
    call: f"{call}(x, seed, t, place)" for call in ("normal", "uniform", "rademacher")
}
SEED = "seed=0"
NAMES = frozenset({"seed", "place", "places"})  # that a text with noise uses itself


def draws(program: Program) -> bool:
    """Tells whether the program draws noise."""
    return any(TABLE[call.op].scope == NOISE for call in calls(program.body))


def counted(program: Program) -> Program:
    """Returns the program with `t` among its inputs if it draws: noise depends on the step."""
    if "t" in program.inputs or not draws(program):
        return program
    return replace(program, inputs=(*program.inputs, "t"))


NUMPY: dict[str, str] = {
    "random_bits": '''
def random_bits(x, seed, t, place, stream):
    """Twice 24 random bits for each entry of x: Threefry-2x32 of Salmon et al., 2011."""
    seed, t = np.full(1, seed % 2**32, np.uint32), np.full(1, t, np.uint32)
    keys = [seed, t, seed ^ t ^ np.uint32(0x1BD11BDA)]
    a = keys[0] + np.arange(x.size, dtype=np.uint32)
    b = keys[1] + np.uint32((stream << 16) + place + 1)
    for turn in range(5):
        for shift in ((13, 15, 26, 6), (17, 29, 16, 24))[turn % 2]:
            a = a + b
            b = ((b << shift) | (b >> (32 - shift))) ^ a
        a = a + keys[(turn + 1) % 3]
        b = b + keys[(turn + 2) % 3] + np.uint32(turn + 1)
    return [(bits >> 8).reshape(x.shape).astype(x.dtype) for bits in (a, b)]
''',
    "normal": '''
def normal(x, seed, t, place, stream):
    """Normal noise as large as x, by the method of Box and Muller, 1958."""
    a, b = random_bits(x, seed, t, place, stream)
    return np.sqrt(-2 * np.log((a + 0.5) * 2.0**-24)) * np.cos(2 * np.pi * 2.0**-24 * b)
''',
    "uniform": '''
def uniform(x, seed, t, place, stream):
    """Uniform noise from 0 to 1, as large as x."""
    return random_bits(x, seed, t, place, stream)[0] * 2.0**-24
''',
    "rademacher": '''
def rademacher(x, seed, t, place, stream):
    """Noise of -1 and 1 with equal chances, as large as x."""
    bits = random_bits(x, seed, t, place, stream)[0]
    return np.where(bits < 2**23, -1, 1).astype(x.dtype)
''',
}

TORCH: dict[str, str] = {
    "random_bits": '''
def random_bits(x, seed, t, place, stream):
    """Twice 24 random bits for each entry of x: Threefry-2x32 of Salmon et al., 2011."""
    mask = 2**32 - 1  # words of 32 bits, in whole numbers of 64
    seed = seed & mask
    keys = [seed, t, seed ^ t ^ 0x1BD11BDA]
    a = keys[0] + torch.arange(x.numel(), device=x.device)
    b = keys[1] + (stream << 16) + place + 1
    for turn in range(5):
        for shift in ((13, 15, 26, 6), (17, 29, 16, 24))[turn % 2]:
            a, b = (a + b) & mask, b & mask
            b = (((b << shift) & mask) | (b >> (32 - shift))) ^ a
        a = a + keys[(turn + 1) % 3]
        b = b + keys[(turn + 2) % 3] + turn + 1
    return [((bits & mask) >> 8).reshape(x.shape).to(x.dtype) for bits in (a, b)]
''',
    "normal": '''
def normal(x, seed, t, place, stream):
    """Normal noise as large as x, by the method of Box and Muller, 1958."""
    a, b = random_bits(x, seed, t, place, stream)
    size = torch.sqrt(-2 * torch.log((a + 0.5) * 2.0**-24))
    return size * torch.cos(2 * torch.pi * 2.0**-24 * b)
''',
    "uniform": '''
def uniform(x, seed, t, place, stream):
    """Uniform noise from 0 to 1, as large as x."""
    return random_bits(x, seed, t, place, stream)[0] * 2.0**-24
''',
    "rademacher": '''
def rademacher(x, seed, t, place, stream):
    """Noise of -1 and 1 with equal chances, as large as x."""
    bits = random_bits(x, seed, t, place, stream)[0]
    return torch.where(bits < 2**23, -1.0, 1.0).to(x.dtype)
''',
}
