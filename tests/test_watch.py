"""stepsmith watch: the report of a run that grows, read only, from this machine only."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import PHONE, Visit, chromium, needs_chromium, visit
from growing import NAME, Growing
from playwright.sync_api import Browser

from search.errors import RunError, SearchError
from search.watch import serve, shown
from search.watch.shown import Shown, Watched

ROOT = Path(__file__).parent.parent
COMMAND = "import sys; from search.cli import main; sys.argv[0] = 'stepsmith'; main()"


def watching(folder: Path) -> subprocess.Popen[str]:
    """Starts the command in the folder that holds `runs`."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "watch", folder.name, "--json"],
        cwd=folder.parent.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A search that waits for its test, and the address under which its report is served."""

    run: Growing
    url: str

    def ask(self, method: str = "GET", path: str = "/", **headers: str) -> tuple:
        """Returns status, headers and body of one answer."""
        port = int(self.url.rpartition(":")[2].strip("/"))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        said = answer.status, dict(answer.getheaders()), answer.read().decode()
        connection.close()
        return said


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A run under way and the command that watches it; Ctrl-C has to end that without a word."""
    run = Growing(tmp_path_factory.mktemp("watched") / "runs", programs=400)
    process = watching(run.folder)
    assert process.stdout
    try:
        yield Served(run, json.loads(process.stdout.readline())["url"])
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
        assert (process.returncode, rest, errors) == (0, "", "")
    finally:
        process.kill()
        run.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


# What is served, and to whom.


def test_the_page_is_served_to_be_read(served: Served) -> None:
    status, headers, body = served.ask()
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert NAME in body
    assert served.ask("HEAD")[::2] == (200, "")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert served.ask(method)[0] == 405


def test_no_other_name_is_answered(served: Served) -> None:
    port = served.url.rpartition(":")[2].strip("/")
    for host in ("127.0.0.1", "localhost", f"localhost:{port}", "LOCALHOST"):
        assert served.ask(Host=host)[0] == 200
    for host in ("rebound.example", f"rebound.example:{port}", "localhost.example", "0.0.0.0", ""):
        status, _, body = served.ask(Host=host)
        assert status == 400
        assert NAME not in body


def test_nothing_else_is_served(served: Served) -> None:
    paths = ("/run.sqlite", "/report.html", "/../report.html", "/%2e%2e/%2e%2e/etc/passwd",
             "//etc/passwd", "/live.js/", "/lock", "/docs", "/openapi.json")  # fmt: skip
    assert {served.ask(path=path)[0] for path in paths} == {404}


def test_no_other_page_can_use_it(served: Served) -> None:
    for path in ("/", "/live.js"):
        _, headers, _ = served.ask(path=path, Origin="https://elsewhere.example")
        assert headers["content-security-policy"] == "frame-ancestors 'none'"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_a_page_is_sent_once(served: Served) -> None:
    _, headers, before = served.ask()
    assert served.ask(If_None_Match=headers["etag"])[::2] == (304, "")
    served.run.grow(2)
    assert until(lambda: served.ask(If_None_Match=headers["etag"])[0] == 200)
    _, new, after = served.ask()
    assert new["etag"] != headers["etag"]
    assert after != before


def until(done: Callable[[], bool], seconds: float = 90.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.05)
    return False


# In the browser.


def trained(seen: Visit) -> int:
    """Returns the first number of the page's front: the programs trained."""
    return int(seen.page.locator("header dd").first.inner_text().replace(",", ""))


@needs_chromium
def test_the_page_follows_the_run_in_its_place(served: Served, browser: Browser) -> None:
    with visit(browser, served.url) as seen:
        page, before = seen.page, trained(seen)
        page.evaluate("window.unloaded = false")
        summary = page.locator("footer summary").first
        summary.click()
        summary.focus()
        top = summary.evaluate("each => each.getBoundingClientRect().top")
        assert page.evaluate("scrollY") > 0
        served.run.grow(3)
        assert until(lambda: page.wait_for_timeout(50) or trained(seen) > before)
        assert page.evaluate("window.unloaded") is False
        assert summary.evaluate("each => each.parentElement.open")
        assert summary.evaluate("each => document.activeElement === each")
        assert abs(summary.evaluate("each => each.getBoundingClientRect().top") - top) < 2
        blocks, buttons = page.locator("pre > code"), page.locator(".copied > button")
        assert blocks.count() == buttons.count() > 0  # what the page's own script adds is kept
        assert seen.ask("dead") == seen.ask("twice") == []
        assert page.locator("[role=status]").inner_text().startswith("The search is under way.")
        assert seen.faults == []
        assert set(seen.requests) == {served.url, f"{served.url}live.js"}


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_it_adds_to_the_page_can_be_used(
    served: Served, browser: Browser, scheme: str
) -> None:
    with visit(browser, served.url, color_scheme=scheme, viewport=PHONE) as seen:
        assert seen.page.locator("[role=status]").is_visible()
        assert seen.ask("wide") == []
        assert seen.by_keyboard() == ([], [])
        seen.unfold()
        assert seen.ask("pale") == []
        assert seen.faults == []


@needs_chromium
def test_it_says_so_when_nobody_answers(served: Served, browser: Browser) -> None:
    folder = served.run.folder
    with visit(browser, served.url) as seen:
        under_way = seen.page.locator("[data-state='under way']")
        folder.rename(folder.with_name("moved"))
        seen.page.locator("[data-state=lost]", has_text="expected a run in").wait_for()
        folder.with_name("moved").rename(folder)
        under_way.wait_for()
        seen.page.context.set_offline(True)
        seen.page.locator("[data-state=lost]", has_text="does not answer").wait_for()
        seen.page.context.set_offline(False)
        under_way.wait_for()


@needs_chromium
def test_it_says_so_when_the_search_ends_and_asks_no_more(
    served: Served, browser: Browser
) -> None:
    with visit(browser, served.url) as seen:
        served.run.end()
        seen.page.locator("[data-state=ended]").wait_for()
        asked = len(seen.requests)
        seen.page.wait_for_timeout(1500)
        assert len(seen.requests) == asked
        assert seen.faults == []
    with visit(browser, served.url) as seen:  # and to whoever comes later
        seen.page.locator("[data-state=ended]").wait_for()
        seen.page.wait_for_timeout(1500)
        assert seen.requests == [served.url, f"{served.url}live.js"]


# Beneath it.


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were made, each of which takes some time."""
    pages: list[str] = []

    def page(folder: Path, under_way: bool) -> Shown:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        pages.append(f"{folder.name} {under_way} {len(pages)}")
        return Shown(pages[-1], pages[-1])

    monkeypatch.setattr(shown, "_shown", page)
    monkeypatch.setattr(shown, "REST", 0.0)
    return pages


def test_one_page_is_made_at_a_time_and_only_for_a_run_that_has_grown(
    tmp_path: Path, made: list[str]
) -> None:
    run = Growing(tmp_path)
    try:
        watched = Watched(run.folder)
        threads = [threading.Thread(target=watched.shown) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        watched.shown()
        assert len(made) == 1
        run.grow(1)
        watched.shown()
        watched.shown()
        assert len(made) == 2
    finally:
        run.end()
    assert "False" in watched.shown().html
    assert len(made) == 3


def test_a_page_that_took_long_is_kept_while_the_search_goes_on(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown, "REST", 1e6)
    run = Growing(tmp_path)
    try:
        watched = Watched(run.folder)
        watched.shown()
        run.grow(1)
        kept = watched.shown()
        run.grow(1)
        assert watched.shown() == kept
        assert len(made) == 2
    finally:
        run.end()
    assert watched.shown() != kept


def test_nobody_waits_for_a_page_once_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = threading.Event()
    monkeypatch.setattr(shown, "_shown", lambda folder, under_way: forever.wait())
    run = Growing(tmp_path)
    run.end()
    watched = Watched(run.folder)
    threading.Timer(0.1, watched.close).start()
    with pytest.raises(RunError, match="ended"):
        watched.shown()
    forever.set()


def test_a_port_that_is_in_use(tmp_path: Path) -> None:
    run = Growing(tmp_path)
    run.end()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SearchError, match=f"expected a free port, got {port} .*without --port"):
            serve(run.folder, port, print)
