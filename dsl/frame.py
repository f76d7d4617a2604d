"""What a step of a program runs in: its values so far, and how it chooses and asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from primitives.core import Array

from .known import Settled
from .program import Literal, Ref

Value = Any  # a number for the model, or a list with an entry for each parameter
Repeat = Callable[[Callable[[Any], Any], Any, int], Any]
Choose = Callable[[Array, Callable[[], Any], Callable[[], Any]], Any]


def spread(xp: ModuleType, array: Array, shape: tuple[int, ...] | None) -> Array:
    """Returns an array in a shape; NumPy takes long to find that nothing is to be done."""
    return array if array.shape == shape else xp.broadcast_to(array, shape)


def choose_now(condition: Array, then: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """Runs the side of an `if` that the condition, a number at hand, selects."""
    return then() if condition else orelse()


@dataclass(frozen=True)
class Frame:
    """What a step runs in.

    env holds values by number and by name. dtypes are those of the arithmetic on each parameter,
    dtype that of numbers for the whole model. choose runs one side of an `if` on a number. oracles
    answer by name, with an array for each parameter or one number, at a point that is such a list.
    repeat, if there, applies a function that many times, and is compiled once. seed is that of
    noise. watch, in NumPy, is told which side of each `if` and of each `where` on a
    number is taken, by the number of its value.
    """

    xp: ModuleType
    settled: Settled
    dtypes: tuple[Any, ...]
    dtype: Any
    env: dict[Ref, Value] = field(default_factory=dict)
    choose: Choose = choose_now
    seed: Array = 0
    oracles: Mapping[str, Callable[[list[Array]], Any]] = field(default_factory=dict)
    watch: Callable[[int, bool], None] | None = None
    repeat: Repeat | None = None

    def value(self, ref: Ref) -> Value:
        return ref.value if isinstance(ref, Literal) else self.env[ref]

    def values(self, refs: Sequence[Ref]) -> list[Value]:
        env = self.env
        return [ref.value if isinstance(ref, Literal) else env[ref] for ref in refs]

    def columns(self, refs: Sequence[Ref]) -> list[Sequence[Array]]:
        """Returns what values are on every parameter, in the dtypes of the arithmetic."""
        return [v if isinstance(v, list) else self._everywhere(v) for v in self.values(refs)]

    def _everywhere(self, value: Value) -> list[Array]:
        if not hasattr(value, "dtype"):
            return [value] * len(self.dtypes)
        return [self.at(value, place) for place in range(len(self.dtypes))]

    def copy(self) -> Frame:
        """Returns a frame whose new values stay its own."""
        return replace(self, env=dict(self.env))

    def at(self, value: Value, place: int) -> Array:
        """Returns what a value is on one parameter, in the dtype of its arithmetic."""
        if isinstance(value, list):
            return value[place]
        wide = hasattr(value, "dtype") and value.dtype != self.dtypes[place]
        return self.xp.asarray(value, self.dtypes[place]) if wide else value


def full(frame: Frame, ref: Ref, place: int) -> Array:
    """Returns a value on one parameter in the shape of the parameter."""
    value = frame.xp.asarray(frame.at(frame.value(ref), place), frame.dtypes[place])
    return spread(frame.xp, value, frame.settled.leaves[place].shape)
