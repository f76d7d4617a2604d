"""The configuration of a search, checked once at the door."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import ConfigError, nearest
from .presets import PRESETS

Mode = Literal["evolution", "random", "constants"]
Preset = Literal["quick", "standard", "deep"]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Checked(BaseModel):
    """A frozen record whose faults are told in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise ConfigError(_sentence(type(self), error)) from None


class Rung(_Checked):
    """A level of evaluation; every run in it is complete."""

    name: str
    tasks: tuple[str, ...]
    rates: tuple[float, ...]  # log2 offsets around the candidate's multiplier
    seeds: tuple[int, ...]
    seeds_a_batch: Count | None = None  # each batch takes as many, those that follow; all if None
    unit: Count  # programs that one worker trains in one call of about two seconds at most
    promote: Share = 0.0  # the share of each window that goes on to the next rung
    window: Count = 128  # candidates, in order of their batches

    def seeds_of(self, batch: int) -> tuple[int, ...]:
        """Returns the seeds that a batch is trained on.

        Where they change from batch to batch, a rule cannot live on being good at one of them.
        """
        count = self.seeds_a_batch or len(self.seeds)
        return tuple(self.seeds[(batch * count + i) % len(self.seeds)] for i in range(count))


class Config(_Checked):
    """A search: where it starts, what it trains on, and how long it goes on."""

    preset: Preset = "quick"
    start: tuple[str, ...] = Field(default=("sgd",), alias="from", min_length=1)
    donors: tuple[str, ...] = ()  # programs, pieces of which may be spliced into others
    tasks: tuple[str, ...] = ()  # takes the place of the preset's tasks
    minutes: float | None = Field(default=None, gt=0)
    programs: Count | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    workers: Annotated[int, Field(ge=0)] = Field(default_factory=lambda: os.cpu_count() or 1)
    address: str | None = None  # of a Ray cluster to join
    run: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    mode: Mode = "evolution"
    population: Count = 200  # candidates alive: the last ones told
    tournament: Count = 16
    elite: Share = 0.3  # parents that come from the archive
    elite_tournament: Count = 4
    batch: Count = 32  # new candidates a batch
    lag: Count = 8  # a batch is bred from the results up to this many batches before it
    rungs: tuple[Rung, ...] = Field(default=(), min_length=1)
    unseen: Rung | None = None
    exam: Rung | None = None
    exam_share: Share = 0.15  # of the minutes, kept for the last table

    @model_validator(mode="before")
    @classmethod
    def _fill_preset(cls, fields: dict[str, Any]) -> dict[str, Any]:
        preset = PRESETS.get(str(fields.get("preset", "quick")), {})
        if "minutes" in fields or "programs" in fields:
            preset = {name: value for name, value in preset.items() if name != "minutes"}
        return _on_tasks({**preset, **fields})

    @model_validator(mode="after")
    def _one_budget(self) -> Config:
        if (self.minutes is None) == (self.programs is None):
            came = "neither" if self.minutes is None else "both"
            raise ValueError(f"expected either minutes or programs, got {came}")
        return self


def _on_tasks(fields: dict[str, Any]) -> dict[str, Any]:
    """Puts the user's tasks in the place of the preset's: two in the first rung, all later."""
    tasks = tuple(fields.get("tasks") or ())
    if not tasks or not all(isinstance(rung, dict) for rung in fields.get("rungs", ())):
        return fields
    first, *later = fields["rungs"]
    rungs = ({**first, "tasks": tasks[:2]}, *({**rung, "tasks": tasks} for rung in later))
    return {**fields, "rungs": rungs}


def _sentence(model: type[BaseModel], error: ValidationError) -> str:
    """Returns the first fault that pydantic found as one sentence."""
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"{model.__name__} has no field {where!r}{nearest(where, known) or '.'}"
    if fault["type"] == "missing":
        return f"{model.__name__} needs the field {where!r}."
    if not where:
        return f"{model.__name__}: {fault['msg'].removeprefix('Value error, ')}."
    return f"{model.__name__}.{where}: {_expected(fault)}, got {fault['input']!r}{_near(fault)}"


def _expected(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":  # only the name of a run has a pattern
        return "expected a name of letters, digits, '.', '_' and '-'"
    message = fault["msg"].removeprefix("Input should be ")
    return message if message == fault["msg"] else f"expected {message}"


def _near(fault: Any) -> str:
    if fault["type"] != "literal_error":
        return "."
    return nearest(str(fault["input"]), (*get_args(Mode), *get_args(Preset))) or "."
