"""How the kind of a result follows from the kinds of the arguments, one rule for each word."""

from __future__ import annotations

from .core import Primitive
from .joining import Options, Rule, join, matrix_kind, needs_tensor
from .kinds import CHOICE, LAYER, ROLE, SCALAR, SHAPE, STATIC, TEXT, Kind, interned
from .matrices import MATRIX_RULES
from .noise import MAX_STREAM
from .reductions import reduced_axes
from .wording import KindError, described, missing_axis


def _join_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    if (TEXT in kinds or ROLE in kinds) and op.name in ("eq", "ne"):
        return _static_rule(op, kinds, options, ndim)
    if CHOICE in kinds and op.name in _CHOOSING:
        kinds = tuple(STATIC if kind is CHOICE else kind for kind in kinds)
    return join(kinds, op.name, ndim)


# What takes True and False; a number made of them would have the precision of a truth value.
_CHOOSING = ("eq", "ne", "logical_and", "logical_or", "logical_not", "where")


def _reduce_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    if "axis" in options and "keep" in options:
        raise KindError(f"{op.name} takes axis= or keep=, not both.")
    kind = join(kinds, op.name, ndim)
    matrix = kind.family == "Matrix"
    count = 2 if matrix else ndim
    try:
        lost = reduced_axes(count, options.get("axis"), options.get("keep"))
    except IndexError as error:
        raise KindError(missing_axis(error.args[0], count)) from None
    except TypeError:
        raise KindError(f"{op.name} takes axis numbers, as in {op.name}(x, axis=-1).") from None
    if matrix:
        return matrix_kind(tuple(None if i in lost else s for i, s in enumerate(kind.axes)), ndim)
    if kind.family != "Array":
        return kind
    return interned("Array", tuple(i for i in kind.axes if i not in lost))


def _quantile_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    if kinds[1] not in (STATIC, SCALAR, SHAPE, LAYER):
        said = described(kinds[1], ndim)
        raise KindError(f"{op.name} takes one number for the share, not {said}.")
    return _reduce_rule(op, kinds[:1], options, ndim)


def _scalar_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    kind = join(kinds, op.name, ndim)
    if kind.family != "Array":
        raise KindError(f"{op.name} takes an array of each parameter, not {described(kind, ndim)}.")
    return SCALAR


def _shape_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    if op.name == "shape" and kinds[1].family != "Static":
        raise KindError("shape takes the number of an axis, as in shape(w, 0).")
    if kinds[0].family not in ("Array", "Matrix"):
        raise KindError(f"{op.name} takes a Tensor, not {described(kinds[0], ndim)}.")
    if op.name not in ("ndim", "role") and kinds[0].family == "Array":
        needs_tensor(op, kinds[0], ndim, 0)
    return ROLE if op.name == "role" else SHAPE


def _static_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    for kind in kinds:
        if kind.family != "Static":
            raise KindError(
                f"a role or an option compares with what is known before the run,"
                f" not with {described(kind, ndim)}."
            )
    return SHAPE if any("shape" in kind.axes for kind in kinds) else STATIC


def _orthogonal_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    if kinds[0].family == "Matrix":
        raise KindError(f"{op.name} takes a Tensor, not {described(kinds[0], ndim)}.")
    needs_tensor(op, kinds[0], ndim, 2)
    return kinds[0]


def _tensor_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    del options
    needs_tensor(op, kinds[0], ndim, 0)
    return kinds[0]


def _proximal_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    if kinds[1] not in (STATIC, SCALAR, SHAPE, LAYER):
        said = described(kinds[1], ndim)
        raise KindError(f"{op.name} takes one number for the step, not {said}.")
    return _tensor_rule(op, kinds[:1], options, ndim)


def _like_rule(op: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    stream = options.get("stream")
    if not isinstance(stream, int) or not 0 <= stream < MAX_STREAM:
        raise KindError(f"{op.name} takes a stream from 0 to {MAX_STREAM - 1}, not {stream!r}.")
    kind = join(kinds, op.name, ndim)
    return SCALAR if kind.family == "Static" else kind


RULES: dict[str, Rule] = {
    "join": _join_rule,  # the kind that all arguments broadcast to
    "reduce": _reduce_rule,  # an array without the axes that are reduced
    "quantile": _quantile_rule,  # the same, at a share
    "scalar": _scalar_rule,  # arrays to one number for the model
    "shape": _shape_rule,  # known from the shape or role of a parameter
    "static": _static_rule,  # known if the arguments are
    "orthogonal": _orthogonal_rule,  # a Tensor on two axes or more
    "tensor": _tensor_rule,  # a Tensor on any number of axes
    "proximal": _proximal_rule,  # a Tensor, with a number
    "like": _like_rule,  # noise of the kind of the argument
    **MATRIX_RULES,
}


def kind_of(primitive: Primitive, kinds: tuple[Kind, ...], options: Options, ndim: int) -> Kind:
    """Returns the kind of a call. Raises KindError if the arguments do not fit."""
    return RULES[primitive.result](primitive, kinds, options, ndim)
