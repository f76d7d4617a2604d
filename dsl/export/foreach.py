"""Turns the calls of an entrywise program into steps on whole lists of tensors."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..program import Call, Literal, Ref
from .foreach_spellings import COMMUTATIVE, LISTS, NUMBER, POWERS, TURNED, UNARY, WITH_TENSOR
from .levels import look
from .spell import Scope, negated, number, written


class NotEntrywise(Exception):
    """A call that has no form on lists of tensors."""


@dataclass(frozen=True)
class Step:
    """One operation on lists: `out = torch._foreach_name(*lists, *numbers)`.

    The first list is the one that it may overwrite.
    """

    out: Ref
    name: str
    lists: tuple[Ref, ...]
    numbers: tuple[str, ...] = ()

    @property
    def turns(self) -> bool:
        """Whether its two lists may change places."""
        return self.name in COMMUTATIVE and len(self.lists) == 2 and not self.numbers

    def arguments(self, at: Mapping[Ref, str]) -> str:
        """Returns what stands in its brackets, with lists by their variables."""
        return ", ".join([*(at[ref] for ref in self.lists), *self.numbers])

    def in_place(self, at: Mapping[Ref, str]) -> str:
        """Returns the step that overwrites its first list."""
        return f"torch._foreach_{self.name}_({self.arguments(at)})"


@dataclass
class Fusion:
    """The calls of a program as steps; a product in a sum becomes one step with the sum.

    made: every call that computes a list. counts: how often each value is used. states: the state
    that each value becomes.
    """

    scope: Scope
    made: dict[int, Call]
    counts: Counter[Ref]
    states: Mapping[Ref, str]
    absorbed: set[int] = field(default_factory=set)

    def of_call(self, call: Call) -> list[Step]:
        """Returns the steps of a call, the arguments that become part of it marked absorbed."""
        if call.op == "lerp":
            return self._lerp(call)
        if call.op == "clip":
            x, low, high = call.args
            lower = Step(call.out, "clamp_min", (self._list(x),), (self._python(low),))
            return [lower, Step(call.out, "clamp_max", (call.out,), (self._python(high),))]
        if call.op in UNARY:
            return [Step(call.out, UNARY[call.op], (self._list(call.args[0]),))]
        if call.op in POWERS:
            return [Step(call.out, "pow", (self._list(call.args[0]),), (POWERS[call.op],))]
        if call.op not in LISTS:
            raise NotEntrywise(call.op)
        return self._binary(call)

    def of_update(self, update: Ref, factor: ast.expr | None = None) -> list[Step]:
        """Returns the steps that take an update, times a factor, away from the parameters."""
        factor, update = self._scaled(update, factor, named=True)
        call = self._single(update)
        decayed = self._decayed(call, factor) if call else None
        if decayed:
            return decayed
        for op, name in (("div", "addcdiv"), ("mul", "addcmul")):
            pair = self._pair(update, op)
            if pair:
                self.absorbed.add(update)  # type: ignore[arg-type]
                factor, first = self._scaled(pair[0], factor, named=True)
                return [Step("w", name, ("w", first, pair[1]), (f"value={_minus(factor)}",))]
        if factor is None:
            return [Step("w", "sub", ("w", self._list(update)))]
        return [Step("w", "add", ("w", self._list(update)), (f"alpha={_minus(factor)}",))]

    def _decayed(self, call: Call, factor: ast.expr | None) -> list[Step] | None:
        """Shrinks the parameters by their own share of the update, then takes the rest away."""
        if call.op != "add":
            return None
        for rest, own in (call.args, call.args[::-1]):
            inner = self._single(own)
            pair = inner.args if inner and inner.op == "mul" and "w" in inner.args else ()
            shares = [s for s in pair if s != "w" and self._is_python(s)]
            if shares and self._is_list(rest):
                before = set(self.absorbed)
                self.absorbed |= {call.out, own}  # type: ignore[arg-type]
                lost = _times(factor, number(shares[0], self.scope), "mul")
                then = self.of_update(rest, factor)
                if not any("w" in step.lists[1:] for step in then):
                    kept = written(ast.BinOp(ast.Constant(1), ast.Sub(), lost))
                    return [Step("w", "mul", ("w",), (kept,)), *then]
                self.absorbed = before
        return None

    def _binary(self, call: Call) -> list[Step]:
        x, y = call.args
        if not self._is_list(x):
            if call.op in COMMUTATIVE:
                x, y = y, x
            elif call.op in TURNED and self._python(x):
                first, then = TURNED[call.op]
                begun = Step(call.out, first, (self._list(y),))
                return [begun, Step(call.out, then, (call.out,), (self._python(x),))]
        if not self._is_list(y):
            if call.op in ("mul", "div") and self._is_python(y):
                whole = _times(None, number(y, self.scope), call.op)
                factor, rest = self._scaled(x, whole, kept=self.states.get(call.out))
                if factor and rest != x:
                    return [Step(call.out, "mul", (rest,), (written(factor),))]
            said = self._number(y) if call.op in WITH_TENSOR else self._python(y)
            return [Step(call.out, NUMBER[call.op], (self._list(x),), (said,))]
        if call.op in ("add", "sub"):
            return self._sum(call)
        return [Step(call.out, call.op, (self._list(x), y))]

    def _sum(self, call: Call) -> list[Step]:
        """A sum of lists: with a multiple, a product or a quotient in the second place if any."""
        x, y = call.args
        for first, second in ((x, y), (y, x))[: 2 if call.op == "add" else 1]:
            factor, rest = self._scaled(second, kept=self.states.get(call.out))
            if factor:
                alpha = written(factor) if call.op == "add" else _minus(factor)
                return [Step(call.out, "add", (first, rest), (f"alpha={alpha}",))]
            for op, name in (("mul", "addcmul"), ("div", "addcdiv")):
                pair = self._pair(second, op)
                if pair:
                    self.absorbed |= {second}  # type: ignore[arg-type]
                    sign = () if call.op == "add" else ("value=-1",)
                    return [Step(call.out, name, (first, *pair), sign)]
        return [Step(call.out, call.op, (x, y))]

    def _lerp(self, call: Call) -> list[Step]:
        x, y, share = call.args
        said = self._python(share)
        squares = self._pair(y, "mul") or self._square(y)
        if squares and x not in squares and self._is_list(x):
            self.absorbed |= {y}  # type: ignore[arg-type]
            kept = Step(call.out, "mul", (x,), (self._rest(share),))
            return [kept, Step(call.out, "addcmul", (call.out, *squares), (f"value={said}",))]
        return [Step(call.out, "lerp", (self._list(x), self._list(y)), (said,))]

    def _rest(self, share: Ref) -> str:
        """Returns 1 - share as people write it."""
        inner = self.scope.inlined.get(share) if isinstance(share, int) else None
        if inner and inner.op == "sub" and inner.args[0] == Literal(1):
            return self._python(inner.args[1])
        return written(ast.BinOp(ast.Constant(1), ast.Sub(), number(share, self.scope)))

    def _single(self, ref: Ref, named: bool = False) -> Call | None:
        """Returns the call of a list that is used once and, unless `named`, has no name."""
        call = self.made.get(ref) if isinstance(ref, int) else None
        used_once = call and self.counts[ref] == 1
        return call if call and used_once and (named or not call.name) else None

    def _scaled(
        self,
        ref: Ref,
        factor: ast.expr | None = None,
        kept: str | None = None,
        named: bool = False,
    ) -> tuple[ast.expr | None, Ref]:
        """Splits a multiple of a list that nothing else needs: its factor and the list.

        kept: a state that is to be overwritten, a multiple of which is left as it is.
        """
        call = self._single(ref, named)
        for s, x, op in _ways(call):
            if x != kept and self._is_list(x) and self._is_python(s):
                self.absorbed.add(call.out)  # type: ignore[union-attr]
                return self._scaled(x, _times(factor, number(s, self.scope), op), kept, named)
        return factor, ref

    def _pair(self, ref: Ref, op: str) -> tuple[Ref, ...] | None:
        call = self._single(ref)
        both = call and call.op == op and all(map(self._is_list, call.args))
        return call.args if call and both else None

    def _square(self, ref: Ref) -> tuple[Ref, ...] | None:
        call = self._single(ref)
        return call.args * 2 if call and call.op == "square" else None

    def _is_list(self, ref: Ref) -> bool:
        info = look(self.scope.infos, ref)
        return info.leaf and not info.python

    def _is_python(self, ref: Ref) -> bool:
        return look(self.scope.infos, ref).python

    def _list(self, ref: Ref) -> Ref:
        if not self._is_list(ref):
            raise NotEntrywise(ref)
        return ref

    def _number(self, ref: Ref) -> str:
        if self._is_list(ref):
            raise NotEntrywise(ref)
        return written(number(ref, self.scope))

    def _python(self, ref: Ref) -> str:
        if not self._is_python(ref):
            raise NotEntrywise(ref)
        return written(number(ref, self.scope))


def _ways(call: Call | None) -> list[tuple[Ref, Ref, str]]:
    """Returns how a call may be a number and a list: in a product in either order."""
    if call is None or call.op not in ("mul", "div"):
        return []
    x, y = call.args
    return [(y, x, call.op), *([(x, y, "mul")] if call.op == "mul" else [])]


def _times(factor: ast.expr | None, other: ast.expr, op: str) -> ast.expr:
    if op == "mul":
        match factor:
            case None:
                return other
            case ast.BinOp(ast.Constant(1), ast.Div(), under):
                return ast.BinOp(other, ast.Div(), under)
        return ast.BinOp(factor, ast.Mult(), other)
    return ast.BinOp(factor or ast.Constant(1), ast.Div(), other)


def _minus(factor: ast.expr | None) -> str:
    return written(negated(factor)) if factor is not None else "-1"
