"""The live view, to the letter, on a console of fixed width; plain lines elsewhere."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import cheap
import pytest
from rich.console import Console

from search.live import PlainLines, View, clock, gist, observer, screen, sparkline
from search.progress import Progress
from search.records import Candidate
from search.run import Search

VIEW = """\
lucky  2:05  33 a second   q ends it, everything is kept
━━━━━━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 42%
1,280 first rung · 12 second rung · 40 duplicates · 7 not finite · 9 uphill or
still · 3 failed

search ▁▅█  1.30
unseen ▁▅  1.10

#  speed-up  unseen  calls  bytes  rule
1      1.30    1.10      5      4  m = lerp(m, g, 0.1); return lr * sign(m)
2     0.90*              1      0  return lr * g
* first rung only
worker died: 32 programs of the rung first
"""

LION = "def found(w, g, lr):\n    m: Tensor = 0\n    m = lerp(m, g, 0.1)\n    return lr * sign(m)\n"
SGD = "def found(w, g, lr):\n    return lr * g\n"


def candidate(id: int, text: str, length: int, state_bytes: float) -> Candidate:
    return Candidate(
        id, 0, text, f"c{id}", f"s{id}", f"b{id}", length, state_bytes, (), "x", 0, 0.0
    )


def progress() -> Progress:
    from search.archive import Entry

    made = Progress("lucky", 5.0, None, ("first", "second"), 125.0)
    made.trained.update(first=1280, second=12)
    made.duplicates, made.not_finite, made.no_descent, made.failed = 40, 7, 9, 3
    best = (cheap.Row("a", "ok", 1.3, (1.3,)),)
    start = (cheap.Row("a", "ok", 0.9, (0.9,)),)
    made.hall = (
        Entry(candidate(4, LION, 5, 4.0), 1, best),
        Entry(candidate(0, SGD, 1, 0.0), 0, start),
    )
    made.bests = [0.9, 1.1, 1.3]
    made.unseen = {4: 1.1}
    made.note = "worker died: 32 programs of the rung first"
    return made


def rendered(*parts: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None, legacy_windows=False)
    console.print(*parts)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def test_the_view_to_the_letter() -> None:
    assert rendered(screen(progress(), [0.9, 1.1], 33.4)) == VIEW


def test_a_search_that_has_just_begun_has_a_view() -> None:
    empty = Progress("new", None, 100, ("first", "second"))
    assert "no rule has passed a rung yet" in rendered(screen(empty, [], 0.0))


def test_a_sparkline_spans_its_scale() -> None:
    assert sparkline([0.0, 0.5, 1.0], 0.0, 1.0) == "▁▅█"
    assert sparkline([2.0, 2.0], 2.0, 2.0) == "▁▁"
    assert len(sparkline([float(i) for i in range(99)], 0, 98)) == 30


def test_a_gist_leaves_head_document_and_states_out() -> None:
    assert gist(LION) == "m = lerp(m, g, 0.1); return lr * sign(m)"


def test_time_is_minutes_and_seconds() -> None:
    assert [clock(0), clock(59.9), clock(125)] == ["0:00", "0:59", "2:05"]


def test_plain_lines_tell_of_every_best(tmp_path: Path) -> None:
    out = io.StringIO()
    config = cheap.config(run="plain")
    run = Search(config, tmp_path, cheap.train, cheap.BREEDER, PlainLines(out)).run()
    lines = out.getvalue().splitlines()
    assert lines[0] == "run plain: evolution from 10010, 0 workers"
    assert run.best is not None
    assert f"best {run.best.score:.3f}" in lines[-1]
    assert "unseen" in lines[-1]
    scores = [float(line.split("best ")[1].split(",")[0]) for line in lines[1:]]
    assert scores[-1] == max(scores)


def test_a_view_counts_what_the_store_holds(tmp_path: Path) -> None:
    from search.store import open_store

    view = View()
    config = cheap.config(run="one")
    run = Search(config, tmp_path, cheap.train, cheap.BREEDER, view).run()
    store = open_store(run.path)
    assert view.progress.trained["first"] == store.count("candidate")
    assert view.progress.fresh == store.count("candidate")
    assert view.progress.proposed == sum(batch.proposed for batch, _ in store.batches())
    store.close()
    assert view.progress.hall == run.hall_of_fame
    assert view.unseen()


def test_only_a_terminal_gets_the_live_view() -> None:
    console = Console(file=io.StringIO(), force_terminal=False)
    assert isinstance(observer(console), PlainLines)


TERMINAL = """
import os, sys
os.open(os.ttyname(0), os.O_RDWR)  # makes it the terminal that Ctrl-C comes from
sys.path[:0] = [{here!r}, {root!r}]
from pathlib import Path
from rich.console import Console
import cheap
from search.live import observer
from search.run import Search
console = Console()
assert console.is_terminal
config = cheap.config(programs=10**6, run="live")
run = Search(config, Path({runs!r}), cheap.train, cheap.BREEDER, observer(console)).run()
print("kept", len(run.archive.entries))
"""


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_a_key_ends_a_search_on_a_terminal(tmp_path: Path, key: str) -> None:
    here = Path(__file__).parent
    code = TERMINAL.format(here=str(here), root=str(here.parent), runs=str(tmp_path))
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env=environment,
        start_new_session=True,
    )
    os.close(inner)
    seen = _read(terminal, until="first rung")
    os.write(terminal, key.encode())
    seen += _read(terminal, until=r"kept \d+\r?\n")
    assert process.wait(10) == 0
    os.close(terminal)
    assert "q ends it, everything is kept" in seen
    kept = re.search(r"kept (\d+)", seen)
    assert kept is not None
    assert int(kept[1]) > 0


def _read(terminal: int, until: str) -> str:
    """Reads a terminal until it shows a pattern, and what comes with it."""
    seen = ""
    while re.search(until, seen) is None:
        assert select.select([terminal], [], [], 30)[0], seen[-2000:]
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # how a terminal says that its last process has ended
            pytest.fail(f"the search ended before it showed {until!r}: {seen[-2000:]}")
    return seen
