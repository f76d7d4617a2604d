"""The report, opened from the disk in Chromium: it works, it can be read, by whatever means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import DESK, PHONE, Visit, chromium, needs_chromium, visit
from growing import Growing, examined
from playwright.sync_api import Browser

from search.report import write

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a finished run, as a file."""
    run = Growing(tmp_path_factory.mktemp("runs"), programs=200)
    run.end()
    examined(run.folder)
    return write(run.folder).as_uri()


@pytest.fixture
def seen(browser: Browser, url: str) -> Iterator[Visit]:
    """A visit that has to end without an error and without a request beyond the page."""
    with visit(browser, url) as found:
        yield found
        assert found.faults == []
        assert {each.partition("#")[0] for each in found.requests} == {url}


def test_every_link_leads_somewhere(seen: Visit) -> None:
    assert seen.ask("dead") == []
    assert seen.ask("twice") == []


def test_every_control_does_something(seen: Visit) -> None:
    assert seen.ask("stops") > 10
    assert seen.ask("covered") == []
    assert seen.ask("idle") == []


def test_the_keyboard_reaches_everything_and_is_seen(seen: Visit) -> None:
    assert seen.by_keyboard() == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(browser: Browser, url: str, scheme: str) -> None:
    with visit(browser, url, color_scheme=scheme) as seen:
        assert seen.ask("idle") == []  # opens what is folded away
        seen.unfold()
        assert seen.ask("pale") == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_window(browser: Browser, url: str, size: dict) -> None:
    with visit(browser, url, viewport=size) as seen:
        assert seen.ask("wide") == []
        assert seen.ask("idle") == []
        assert seen.ask("wide") == []


def test_it_prints(seen: Visit, tmp_path: Path) -> None:
    printed = seen.page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 30
    seen.page.emulate_media(media="print")
    seen.page.set_viewport_size({"width": 718, "height": 1047})  # A4 without its margins
    assert seen.ask("wide") == []
    seen.unfold()
    assert seen.ask("pale") == []


BAD = """<!doctype html><title>bad</title><style>a:focus-visible { outline: none }</style>
<p style="color: #aaa">pale</p> <p style="width: 3000px">wide</p>
<p id="x">one</p> <p id="x">two</p>
<p style="background: #222; opacity: .3">pale by its opacity</p>
<svg width="100" height="20"><rect width="100" height="20" fill="#333"/>
<text y="15" fill="#222">on a shape</text></svg>
<a href="#nowhere">dead</a> <button>idle</button> <button tabindex="-1">not reached</button>
<p style="position: relative"><button onclick="this.textContent = 'done'">under</button>
<span style="position: absolute; inset: 0"></span></p>"""


def test_the_checks_find_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    with visit(browser, (tmp_path / "bad.html").as_uri()) as seen:
        pale = [each.partition("> ")[2] for each in seen.ask("pale")]
        assert pale == ["pale", "pale by its opacity", "on a shape"]
        assert [each.partition("> ")[2] for each in seen.ask("dead")] == ["dead"]
        assert seen.ask("twice") == ["x"]
        assert seen.ask("wide")
        idle = {each.partition("> ")[2] for each in seen.ask("idle")}
        assert idle == {"dead", "idle", "not reached"}
        assert [each.partition("> ")[2] for each in seen.ask("covered")] == ["done"]
        unreached, unclear = seen.by_keyboard()
        assert [each.partition("> ")[2] for each in unreached] == ["not reached"]
        assert [each.partition("> ")[2] for each in unclear] == ["dead"]
        with seen.page.expect_event("pageerror"):
            seen.page.evaluate("setTimeout(() => missing())")
        assert len(seen.faults) == 1
