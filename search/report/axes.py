"""Axes of a chart: which part of a range is shown, where the ticks are, how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

TICKS = 5


@dataclass(frozen=True)
class Axis:
    """Maps values onto pixels."""

    low: float
    high: float
    start: float  # where low is drawn
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Returns the pixel of a value, held inside the axis."""
        low, high, value = (self._scaled(v) for v in (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value

    def ticks(self) -> list[float]:
        """Returns round values inside the axis, about TICKS of them."""
        marks = _log_ticks(self.low, self.high) if self.log else _ticks(self.low, self.high)
        slack = 1e-9 * (self.high - self.low)
        return [m for m in marks if self.low - slack <= m <= self.high + slack]


def fitted(values: Iterable[float], start: float, end: float, log: bool = False) -> Axis:
    """Returns the axis that shows all finite values, with a little room."""
    good = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(good), max(good)) if good else (1.0, 2.0)
    if log:
        room = max((high / low) ** 0.05, 1.02)
        return Axis(low / room, high * room, start, end, True)
    room = 0.05 * (high - low) or abs(high) * 0.05 or 0.5
    return Axis(low - room if low < 0 or low > room else 0.0, high + room, start, end)


def _ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / TICKS
    unit = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        marks = [part * 10.0**d for d in decades for part in parts]
        inside = [m for m in marks if low <= m <= high]
        if len(inside) >= 3:
            return inside[:: math.ceil(len(inside) / (TICKS + 2))]
    return _ticks(low, high)


def short(value: float) -> str:
    """Returns a number in as few characters as tell it from its neighbours."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if 10_000 <= size < 1_000_000:
        return f"{short(value / 1000)}k"
    if size >= 1_000_000 or size < 0.001:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    digits = max(0, 2 - math.floor(math.log10(size)))
    shown = f"{value:.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
