"""The benchmark of the population evaluator, the proposals and the lowered programs."""

from .run import Figure, bench

__all__ = ["Figure", "bench"]
