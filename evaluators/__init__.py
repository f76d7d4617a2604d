"""Tasks and the judging of programs on them."""

# `task` is imported last: it must win over the submodule of the same name.
from .task import Task, TaskError
from .tasks import OTHER_SIZES, SUITES, TASKS, suite, task
from .user_task import load_task

__all__ = ["OTHER_SIZES", "SUITES", "TASKS", "Task", "TaskError", "load_task", "suite", "task"]
