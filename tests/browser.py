"""Chromium without a window, and what every page of ours has to stand in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    JSHandle,
    Page,
    Request,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
# A container has no sandbox of its own to offer, and nothing is to be asked of the network.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
PATIENCE = 120_000  # milliseconds; a busy machine is no fault of the page
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is missing; `apt-get install chromium` installs it."
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Runs one browser; start it once for a module, it takes a second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, what went wrong on it, and what it asked for."""

    page: Page
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def audit(self) -> JSHandle:
        """Returns the functions of audit.js."""
        return self.page.evaluate_handle(AUDIT)

    def ask(self, question: str) -> Any:
        """Returns what one of them says of the page as it stands."""
        return self.audit().evaluate(f"audit => audit.{question}()")

    def by_keyboard(self) -> tuple[list[str], list[str]]:
        """Goes through the page with Tab; returns what it misses, and where it is hard to see."""
        audit = self.audit()
        audit.evaluate("audit => audit.listen()")
        stops = audit.evaluate("audit => audit.stops()")
        for count in range(3 * stops):  # the browser adds stops of its own, what scrolls
            self.page.keyboard.press("Tab")
            if count >= stops and not audit.evaluate("audit => audit.unreached()"):
                break
        return tuple(audit.evaluate("audit => [audit.unreached(), audit.unclear()]"))

    def unfold(self) -> None:
        """Makes the window as high as the page, so that every point of it can be looked at."""
        sizes = "[innerWidth, document.documentElement.scrollHeight]"
        width, height = self.page.evaluate(sizes)
        self.page.set_viewport_size({"width": width, "height": height})


@contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """Opens a page in a profile of its own. options: those of `Browser.new_context`."""
    still = {"viewport": DESK, "reduced_motion": "reduce"}
    context = browser.new_context(**{**still, **options})
    context.set_default_timeout(PATIENCE)
    found = Visit(context.new_page())

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.faults.append(message.text)

    def wrong(error: Error) -> None:
        found.faults.append(str(error))

    def asked(request: Request) -> None:
        found.requests.append(request.url)

    found.page.on("console", console)
    found.page.on("pageerror", wrong)
    found.page.on("request", asked)
    found.page.goto(url)
    yield found
    context.close()
