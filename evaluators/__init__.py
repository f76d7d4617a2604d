"""Tasks and the judging of programs on them."""

# `task` is imported last: it must win over the submodule of the same name.
from evaluators.task import Task, TaskError
from evaluators.tasks import SUITES, TASKS, suite, task

__all__ = ["SUITES", "TASKS", "Task", "TaskError", "suite", "task"]
