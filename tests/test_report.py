"""The report: one page, well formed, escaped, without the network, whatever state a run is in."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from reports import EVIL, read

from dsl.export.to_mathml import to_mathml
from dsl.zoo import EXPRESSIONS, source
from search import store as stores
from search.config import Config
from search.errors import RunError
from search.final import CURVES
from search.records import Batch, Candidate, Job, Row
from search.report import ReportData, page, write
from search.report.axes import Axis, fitted, short
from search.report.charts import chart, forest
from search.report.collect.traces import curve_charts
from search.report.data import (
    NOT_RUN,
    Chart,
    ExamLine,
    ExamPart,
    Interval,
    Series,
)
from search.report.fill import collect
from search.report.markup import Html, code, formula, tag, text

SEEDS = (1000, 1001, 1002)


def test_an_empty_report_is_a_page() -> None:
    made = page(ReportData("new"))
    read(made)
    assert "This run has no result yet." in made
    assert "(not finished)" in made


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_formulas_are_well_formed(name: str) -> None:
    from dsl import load

    made = to_mathml(load(name))
    assert ElementTree.fromstring(made).tag == "math"
    assert formula(made) == made


@pytest.mark.parametrize(
    "bad", ["<math><script>x</script></math>", "<math", '<math><mi onclick="x">y</mi></math>', ""]
)
def test_what_is_no_formula_is_left_out(bad: str) -> None:
    assert formula(bad) == ""


def test_markup_keeps_markup_and_escapes_the_rest() -> None:
    assert tag("p", "a<b", Html("<i>c</i>"), class_="x y", aria_label='"') == (
        '<p class="x y" aria-label="&quot;">a&lt;b<i>c</i></p>'
    )
    assert text(Html("<b>")) == "<b>"
    assert tag("br") == "<br/>"


def test_code_marks_words_and_loses_nothing() -> None:
    program = source("adamw")
    made = code(program)
    assert '<span class="k">def</span>' in made
    shown = re.sub("<[^>]*>", "", made).replace("&quot;", '"').replace("&amp;", "&")
    assert shown == program.rstrip("\n")
    assert re.sub("<[^>]*>", "", code("not ( python")) == "not ( python"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1, "1"), (0.5, "0.5"), (12500, "12.5k"), (3e6, "3e6"), (0.00012, "1.2e-4"),
     (1.25, "1.25"), (float("nan"), "–"), (150, "150"), (-2, "-2")],
)  # fmt: skip
def test_numbers_are_short(value: float, shown: str) -> None:
    assert short(value) == shown


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("values", [(1, 2), (0.001, 1000), (5, 5), (0.9, 1.1), (0.97, 1.02), ()])
def test_axes_show_all_values_with_ticks(values: tuple, log: bool) -> None:
    axis = fitted(values, 0, 100, log)
    assert all(axis.low <= v <= axis.high for v in values)
    assert 2 <= len(axis.ticks()) <= 9
    assert axis.at(axis.low) == 0
    assert axis.at(axis.high) == pytest.approx(100)


def test_axes_hold_what_is_outside() -> None:
    assert Axis(0, 1, 10, 20).at(7) == 20


def test_charts_leave_out_what_cannot_be_drawn() -> None:
    nan = float("nan")
    line = Series("a", (0.0, 1.0, 2.0, 3.0), (1.0, nan, -1.0, 2.0))
    made = str(chart(Chart("t", "x", "y", (line,), log_y=True)))
    ElementTree.fromstring(made)
    assert "nan" not in made
    empty = str(chart(Chart("t", "x", "y", (Series("a", (1.0,), (nan,)),))))
    assert "Nothing was measured yet." in empty


def test_forest_leaves_out_what_failed() -> None:
    good, bad = Interval(1.5, 1.2, 1.9), Interval(0, failed="x")
    lines = (ExamLine("good", good, ()), ExamLine("bad", bad, ()))
    made = str(forest(ExamPart("t", (), lines)))
    ElementTree.fromstring(made)
    assert ">good<" in made
    assert ">bad<" not in made


# A run, as it grows.


def candidate(number: int, name: str, parents: tuple[int, ...] = ()) -> Candidate:
    return Candidate(
        number, 0, source(name), f"k{number}", f"s{number}", f"b{number}", 10, 8.0, parents,
        "start" if not parents else "changed an argument", len(parents), 0.0,
    )  # fmt: skip


def row(task: str, speedup: float, seeds: tuple[int, ...] = (1, 2)) -> Row:
    spread = tuple(speedup * (1 + 0.01 * i) for i in range(len(seeds)))
    losses = tuple(1 / s for s in spread)
    sweep = ((-1.0, 0.3), (0.0, 0.2), (1.0, 0.5))
    table = (losses,)
    return Row(task, "ok", speedup, spread, False, 0.0, (0.003,), seeds, table, table, sweep)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A run of which only the store has been made."""
    config = Config(run="mine", minutes=1.0, workers=0)
    stores.create(tmp_path / "mine", config.model_dump_json(), {"python": "3"}).close()
    return tmp_path / "mine"


@pytest.fixture
def half(begun: Path) -> Path:
    """A run in the midst of its search."""
    store = stores.open_store(begun, write=True)
    first, second = candidate(0, "sgd"), candidate(1, "adamw", (0,))
    jobs = (Job("first", first), Job("first", second))
    store.append(Batch(0, jobs, 4, 1, 1), [(row("a", 0.5),), (row("a", 1.2),)], 10.0)
    later = (Job("second", second), Job("unseen", second))
    store.append(Batch(1, later, 0, 0, 0), [(row("a", 1.3), row("b", 1.1)), (row("c", 0.9),)], 20.0)
    store.event("worker_died", EVIL)
    store.close()
    return begun


@pytest.fixture
def whole(half: Path) -> Path:
    """A finished run."""
    store = stores.open_store(half, write=True)
    for entry, name, speedup in (("found", "adamw", 1.2), ("start", "adam", 1.0)):
        rows = [row("digits_mlp", speedup, SEEDS), row("b", speedup, SEEDS)]
        store.append_exam([stores.ExamRow(entry, source(name), "search tasks", r) for r in rows])
    bad = Row("digits_mlp", "diverged", seeds=SEEDS)
    failed = stores.ExamRow("random search", source("sgd"), "search tasks", bad)
    store.append_exam([failed])
    store.close()
    return half


def test_a_run_that_has_just_begun(begun: Path) -> None:
    made = write(begun)
    assert made == begun / "report.html"
    read(made.read_text(encoding="utf-8"))


def test_a_half_written_run(half: Path) -> None:
    made = write(half).read_text(encoding="utf-8")
    read(made)
    data = collect(half)
    assert not data.finished
    assert data.sentence.startswith("So far: 1.20 times")
    assert [line.name for line in data.progress[0].series] == ["search tasks", "unseen tasks"]
    assert [one.mutation for one in data.lineage] == ["start", "changed an argument"]
    assert data.hall[0].unseen == pytest.approx(0.9)
    assert "(not finished)" in made


def test_a_finished_run(whole: Path) -> None:
    data = collect(whole, "Found it.")
    (part,) = data.exam
    assert part.tasks == ("digits_mlp", "b")
    lines = {line.entry: line for line in part.lines}
    mean = lines["found"].mean
    assert mean.value == pytest.approx(1.2)
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low < mean.value < mean.high
    failed = lines["random search"]
    assert failed.mean.failed
    assert failed.tasks[0].failed == "The loss ended far above where it began."
    assert failed.tasks[1].failed == NOT_RUN
    assert lines["adamw"].tasks[0].value == pytest.approx(1, abs=0.1)
    assert [one.title for one in data.sweeps] == ["digits_mlp", "b"]
    made = write(whole, "Found it.").read_text(encoding="utf-8")
    assert "<h1>Found it.</h1>" in made
    read(made)


def test_loss_curves_are_drawn_from_what_the_exam_stored(whole: Path) -> None:
    store = stores.open_store(whole, write=True)
    falling = tuple(tuple(2.0 * 0.9**k for k in range(60)) for _ in SEEDS)
    for entry in ("found", "adamw"):
        one = Row("digits_mlp", "ok", rates=(0.1,), seeds=SEEDS, train_losses=falling)
        store.append_exam([stores.ExamRow(entry, source("adamw"), CURVES, one)])
    rows = store.exam()
    store.close()
    (one,) = curve_charts(rows)
    assert [line.name for line in one.series] == ["found", "adamw"]
    assert one.series[0].y == pytest.approx(falling[0])
    assert 0 < one.series[0].x[0] < one.series[0].x[-1] < 1
    read(write(whole).read_text(encoding="utf-8"))


def test_a_missing_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="found no 'nothing'"):
        write(tmp_path / "nothing")
