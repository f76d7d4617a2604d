"""Whether a program fits together: kinds, states, what it returns."""

from __future__ import annotations

from collections.abc import Mapping

from primitives.kinds import ROLE, SCALAR, STATIC, TEXT, Kind, tensor
from primitives.rules import KindError, axes_word, described, join, missing_axis

from .errors import ProgramError
from .infer import Fault, infer, kind_of_ref
from .program import Literal, Program, Ref, calls

_ORDER = (2, 1, 0, 3, 4)  # numbers of axes; what is wrong is plainest on a matrix
Kinds = tuple[dict[int | str, Kind], ...]  # on parameters of 0, 1, ... axes
Places = Mapping[int, tuple[int, int]]  # the line and the column of each value


def check(program: Program, text: str = "", places: Places | None = None) -> Kinds:
    """Returns the kinds of all values on parameters of 0 to 4 axes; raises ProgramError.

    text, places: the source of the program, for the errors; without them it is printed.
    """
    _check_literals(program)
    found = {}
    for ndim in _ORDER:
        try:
            found[ndim] = infer(program, ndim)
            _check_results(program, found[ndim], ndim)
        except Fault as fault:
            raise _located(program, fault, text, places) from None
    return tuple(found[ndim] for ndim in sorted(found))


def kinds(program: Program, ndim: int) -> dict[int | str, Kind]:
    """Returns the kind of every value, input, hyperparameter and state on such a parameter.

    Values on the side of an `if` that such a parameter never takes are left out. Raises
    ProgramError, without a place, where kinds do not fit.
    """
    try:
        known = infer(program, ndim)
        _check_results(program, known, ndim)
    except Fault as fault:
        raise ProgramError(fault.sentence) from None
    return known


def _check_results(program: Program, known: dict[int | str, Kind], ndim: int) -> None:
    states = {state.name: state for state in program.states}
    whole = tensor(ndim)
    for name, ref in program.results:
        kind = _kind_of_result(ref, known)
        if name in states:
            wanted = known[name]
            if wanted.family != "Missing":
                _check_fit(kind, wanted, f"The state {name}", ref, program, known, ndim)
        else:
            what = "The update" if name == "return" else name
            _check_fit(kind, whole, what, ref, program, known, ndim)
    for state in program.states:
        wanted, ref = known[state.name], state.init.results[0]
        if wanted.family != "Missing" and ref != "eye":
            kind = _kind_of_result(ref, known)
            _check_fit(kind, wanted, f"The state {state.name}", ref, program, known, ndim)


def _kind_of_result(ref: Ref, known: dict[int | str, Kind]) -> Kind:
    try:
        return kind_of_ref(ref, known)
    except KeyError:
        raise Fault(f"The value {ref!r} is read before it is defined.") from None


def _check_fit(
    kind: Kind,
    wanted: Kind,
    what: str,
    ref: Ref,
    program: Program,
    known: dict[int | str, Kind],
    ndim: int,
) -> None:
    if kind is wanted:
        return
    out = ref if isinstance(ref, int) else -1
    if kind.family == "Missing":
        first = [c.out for c in calls(program.body) if known.get(c.out) is kind]
        raise Fault(missing_axis(kind.axes[0], ndim), first[0] if first else out)
    if not _fits(kind, wanted, ndim):
        said = f"{what} is {described(wanted, ndim)}, and is given {described(kind, ndim)}"
        where = "" if ndim == _ORDER[0] else f" on a parameter with {axes_word(ndim)}"
        raise Fault(f"{said}{where}.", out)


_FITS: dict[tuple[int, int, int], bool] = {}


def _fits(kind: Kind, wanted: Kind, ndim: int) -> bool:
    key = id(kind), id(wanted), ndim  # kinds are interned
    if key not in _FITS:
        _FITS[key] = _compared(kind, wanted, ndim)
    return _FITS[key]


def _compared(kind: Kind, wanted: Kind, ndim: int) -> bool:
    if kind in (TEXT, ROLE):
        return False
    if wanted is SCALAR:
        return kind is SCALAR or kind is STATIC
    try:
        return join((kind, wanted), "", ndim) is wanted
    except KindError:
        return False


def _check_literals(program: Program) -> None:
    for call in calls(program.body):
        for arg in call.args:
            if isinstance(arg, Literal) and arg.value != arg.value:
                raise ProgramError("NaN is no number that a program may hold.")


def _located(
    program: Program, fault: Fault, text: str, places: Places | None
) -> ProgramError:
    error = ProgramError(fault.sentence)
    if fault.out < 0:
        return error
    out = fault.out
    if places is None:
        from .parse import build
        from .renumber import renumbering
        from .text import text as printed

        try:
            text = printed(program)
            places = build(text)[1]
            out = renumbering(program)[1][out]
        except (ProgramError, KeyError):  # too broken to print
            return error
    return error.at(text, *places[out]) if out in places else error
