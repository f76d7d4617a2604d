"""The page as a whole: escaped, closed to every network, with stable ids, readable colours."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from itertools import product

import pytest
from reports import EVIL, full, read

from search.report import ReportData, page
from search.report.page import SECTIONS

STYLE = files("search.report").joinpath("style.css").read_text(encoding="utf-8")


def test_every_text_is_escaped() -> None:
    made = page(full(EVIL))
    assert made.count("<script") == 1  # the page's own
    assert "alert(1)</script>" not in made
    assert "\0" not in made
    assert [name for name, _ in read(made).seen].count("script") == 1


def test_what_is_escaped_is_shown_all_the_same() -> None:
    shown = page(full("Quaggas")).count("Quaggas")
    assert page(full(EVIL)).count("&lt;script&gt;alert(") == shown > 100


def test_nothing_comes_from_the_network() -> None:
    made = page(full("word"))
    assert "http:" not in made
    assert "https:" not in made
    assert "url(" not in made
    assert "@import" not in made
    for name, attributes in read(made).seen:
        assert name not in ("link", "iframe", "object", "img", "form", "base")
        assert not {a for a in attributes if a.startswith("on") or a in ("src", "style")}
        assert (attributes.get("href") or "#").startswith("#")


def policy_of(made: str) -> dict[str, list[str]]:
    (content,) = [
        attributes["content"] or "" for name, attributes in read(made).seen
        if name == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    return {rule.split()[0]: rule.split()[1:] for rule in content.split("; ")}


def hash_of(element: str, made: str) -> str:
    (source,) = re.findall(f"<{element}>(.*?)</{element}>", made, re.DOTALL)
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    made = page(full("word"))
    assert policy_of(made) == {
        "default-src": ["'none'"],
        "style-src": [hash_of("style", made)],
        "script-src": [hash_of("script", made)],
        "connect-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }


def test_a_page_that_is_served_may_ask_its_own_server_alone() -> None:
    made = page(full("word"), live={"src": "live.js", "data-search": "under way"})
    rules = policy_of(made)
    assert rules["connect-src"] == ["'self'"]
    assert rules["script-src"][-1] == "'self'"
    assert '<script defer="defer" src="live.js" data-search="under way"></script></head>' in made


def test_sections_have_ids_that_links_reach() -> None:
    seen = read(page(full("word")))
    ids = seen.ids()
    assert len(ids) == len(set(ids))
    assert {name for name, *_ in SECTIONS} | {"card-1", "hall-1", "step-1", "rule-3"} <= set(ids)
    links = [attrs["href"] for _, attrs in seen.seen if "href" in attrs]
    assert {"#card-1", "#rule-3", "#front", "#step-1"} <= set(links)
    assert {str(link)[1:] for link in links} <= set(ids)


def test_every_picture_has_a_name_and_a_title() -> None:
    made = page(full("word"))
    pictures = re.findall(r"<svg[^>]*>(?:(?!</svg>).)*</svg>", made, re.DOTALL)
    assert len(pictures) > 8
    for picture in pictures:
        if 'aria-hidden="true"' not in picture:
            assert "aria-label=" in picture.split(">")[0]
            assert re.match(r"<svg[^>]*><title>.+?</title>", picture)


def test_an_empty_report_is_a_page() -> None:
    made = page(ReportData("new"))
    read(made)
    assert "This run has no result yet." in made
    assert "(not finished)" in made


# Colours.


def palettes() -> dict[str, dict[str, str]]:
    """The variables of each scheme, those of the light one where another does not say."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    light, dark, paper = (dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in blocks)
    return {"light": light, "dark": light | dark, "print": light | paper}


def rgb(colour: str) -> tuple[float, ...]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_it_is_defined() -> None:
    assert contrast(rgb("#000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#fff")) == pytest.approx(4.48, abs=0.01)


WRITTEN = [  # text and what lies under it
    *product(("ink", "soft"), ("paper", "raised", "faint")),
    *product(("keyword", "value", "string", "soft"), ("raised",)),
    *product(("link", "s0"), ("paper", "faint")),
    ("added", "added-paper"), ("removed", "removed-paper"), ("paper", "ink"),
]  # fmt: skip
DRAWN = [(f"s{k}", "paper") for k in range(6)]  # lines, dots, bars


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_is_readable(scheme: str) -> None:
    colours = palettes()[scheme]
    poor = [pair for pair in WRITTEN
            if contrast(*(rgb(colours[name]) for name in pair)) < 4.5]  # fmt: skip
    assert poor == []


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_lines_and_marks_stand_out(scheme: str) -> None:
    colours = palettes()[scheme]
    poor = [pair for pair in DRAWN if contrast(*(rgb(colours[name]) for name in pair)) < 3]
    assert poor == []


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_numbers_are_readable_on_every_shade_of_a_map(scheme: str) -> None:
    colours = palettes()[scheme]
    shades = re.findall(r"\.h\d \{ background: color-mix\(in srgb, var\(--s2\) (\d+)%", STYLE)
    assert len(shades) == 9
    for share in (int(shade) / 100 for shade in shades):
        pairs = zip(rgb(colours["s2"]), rgb(colours["paper"]), strict=True)
        under = tuple(share * a + (1 - share) * b for a, b in pairs)
        assert contrast(rgb(colours["ink"]), under) >= 4.5


def test_motion_only_where_it_is_wanted() -> None:
    kept = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*\}\n", "", STYLE)
    assert len(kept) < len(STYLE)
    assert not re.search(r"transition|animation|scroll-behavior", kept)
