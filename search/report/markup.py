"""Builds HTML in which every text is escaped."""

from __future__ import annotations

import io
import keyword
import re
import token as tokens
import tokenize
from html import escape
from xml.etree import ElementTree


class Html(str):
    """Text that is markup already; everything else is escaped."""

    __slots__ = ()


EMPTY = Html("")
_VOID = frozenset({"br", "hr", "meta", "link", "img"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def text(value: object) -> Html:
    """Returns a value as markup: escaped, unless it is markup."""
    if isinstance(value, Html):
        return value
    return Html(escape(_CONTROL.sub(" ", str(value))))


def join(parts: object, between: str = "") -> Html:
    """Returns several pieces one after the other."""
    return Html(between.join(text(part) for part in parts))  # type: ignore[attr-defined]


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """Returns one element. `class_` is written class, `view_box` viewBox, `stroke_width` with -.

    An attribute that is None is left out.
    """
    pairs = ((_attribute(k), v) for k, v in attributes.items() if v is not None)
    opened = "".join(f' {k}="{text(v)}"' for k, v in pairs)
    if name in _VOID:
        return Html(f"<{name}{opened}/>")
    return Html(f"<{name}{opened}>{join(children)}</{name}>")


def _attribute(name: str) -> str:
    if name == "view_box":
        return "viewBox"
    return name.rstrip("_").replace("_", "-")


def code(source: str, plain: bool = False) -> Html:
    """Returns a text as a block, its words marked for colour if it is no plain one."""
    shown = source.rstrip("\n")
    return tag("pre", tag("code", shown if plain else join(_marked(shown))), tabindex=0)


def _marked(source: str) -> list[Html]:
    """Returns the pieces of a Python text; what does not tokenise is shown plain."""
    try:
        found = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return [text(source)]
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces, at = [], 0
    for item in found:
        kind = _kind(item)
        begin, end = (starts[row - 1] + column for row, column in (item.start, item.end))
        if not kind or begin < at:
            continue
        pieces += [text(source[at:begin]), tag("span", source[begin:end], class_=kind)]
        at = end
    return [*pieces, text(source[at:])]


def _kind(item: tokenize.TokenInfo) -> str:
    if item.type == tokens.NAME:
        return "k" if keyword.iskeyword(item.string) else ""
    return {tokens.NUMBER: "n", tokens.STRING: "s", tokens.COMMENT: "c"}.get(item.type, "")


def formula(mathml: str) -> Html:
    """Returns a MathML element as markup, or nothing if it is not well formed."""
    try:
        root = ElementTree.fromstring(mathml)
    except ElementTree.ParseError:
        return EMPTY
    allowed = all(e.tag.startswith("m") and not _acts(e) for e in root.iter())
    return Html(mathml) if root.tag == "math" and allowed else EMPTY


def _acts(element: ElementTree.Element) -> bool:
    return any(key.startswith("on") or "href" in key or key == "src" for key in element.attrib)
