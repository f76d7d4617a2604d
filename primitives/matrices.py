"""How the kinds of matrices follow from the kinds of the arguments, one rule for each word."""

from __future__ import annotations

from .core import Primitive
from .joining import Options, Rule, as_matrix, matrix_kind, needs_tensor
from .kinds import Kind, UpTo, interned, tensor
from .wording import KindError, axes_word, described, missing_axis


def _sides(op: Primitive, kind: Kind, ndim: int) -> tuple:
    seen = as_matrix(kind, ndim)
    if seen.family != "Matrix":
        where = f" of a parameter with {axes_word(ndim)}: view it with matrix(x)"
        said = described(kind, ndim) + (where if kind.family == "Array" else "")
        raise KindError(f"{op.name} takes matrices, not {said}.")
    return seen.axes


def _matmul_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    (i, j), (k, m) = (_sides(op, kind, ndim) for kind in kinds)
    if j != k:
        left, right = (described(Kind("Matrix", sides), ndim) for sides in ((i, j), (k, m)))
        raise KindError(f"@ needs equal inner sides, not {left} @ {right}.")
    return matrix_kind((i, m), ndim)


def _transpose_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    i, j = _sides(op, kinds[0], ndim)
    return matrix_kind((j, i), ndim)


def _view_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    needs_tensor(op, kinds[0], ndim, 2)
    return interned("Matrix", VIEWS[op.name])


def _unview_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    needs_tensor(op, kinds[1], ndim, 2)
    view = Kind("Matrix", VIEWS[op.name.removeprefix("un")])
    if kinds[0] != view:
        wanted, came = described(view, ndim), described(kinds[0], ndim)
        raise KindError(f"{op.name} takes {wanted}, not {came}.")
    return tensor(ndim)


def _axis_of(op: Primitive, options: Options, ndim: int) -> int:
    axis = options.get("axis")
    if not isinstance(axis, int):
        raise KindError(f"{op.name} takes an axis number, as in {op.name}(x, axis=0).")
    if not -ndim <= axis < ndim:
        raise KindError(missing_axis(axis, ndim))
    return axis % ndim


def _gram_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    needs_tensor(op, kinds[0], ndim, 0)
    axis = _axis_of(op, options, ndim)
    return interned("Matrix", (axis, axis))


def _mode_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    axis = _axis_of(op, options, ndim)
    if kinds[0] != Kind("Matrix", (axis, axis)):
        said = described(kinds[0], ndim)
        raise KindError(f"{op.name} along axis {axis} takes a Matrix[{axis}], not {said}.")
    needs_tensor(op, kinds[1], ndim, 0)
    return kinds[1]


def _square_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    kind = kinds[0]
    if kind.family != "Matrix" or kind.axes[0] != kind.axes[1]:
        raise KindError(f"{op.name} takes a square Matrix, not {described(kind, ndim)}.")
    return kind


def _tall_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    i, j = _sides(op, kinds[0], ndim)
    if isinstance(j, UpTo) and not isinstance(i, UpTo):
        return kinds[0]
    return _square_rule(op, kinds, options, ndim)


def _leading_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    rank = options.get("rank")
    if not isinstance(rank, int) or isinstance(rank, bool) or rank < 1:
        raise KindError(f"{op.name} takes a number of columns, as in {op.name}(x, 4).")
    if ndim < 2:
        raise KindError(missing_axis(1, ndim))
    return interned("Matrix", (_sides(op, kinds[0], ndim)[0], UpTo(rank)))


def _sorter_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    kind = kinds[0]
    row = kind.family in ("Matrix", "Array")  # over two axes a row of a Matrix is an array too
    sides = [side for side in kind.axes if side is not None] if row else []
    if len(sides) != 1:
        raise KindError(f"{op.name} takes one row of a Matrix, not {described(kind, ndim)}.")
    return interned("Matrix", (sides[0], sides[0]))


VIEWS = {"matrix": ("rows", "cols"), "wide": ("short", "long")}  # the sides of each

MATRIX_RULES: dict[str, Rule] = {
    "matmul": _matmul_rule,
    "transpose": _transpose_rule,
    "view": _view_rule,  # a parameter as a Matrix
    "unview": _unview_rule,  # and back
    "gram": _gram_rule,  # a square Matrix over one axis
    "mode": _mode_rule,  # such a Matrix along an axis of a Tensor
    "square": _square_rule,  # a square Matrix
    "tall": _tall_rule,  # a square Matrix, or one cut to a number of columns
    "leading": _leading_rule,  # so many columns for the rows of a Matrix
    "sorter": _sorter_rule,  # a square Matrix out of one row
}
