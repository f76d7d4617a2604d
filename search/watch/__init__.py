"""The live report: `serve(run_folder, port, say)` shows a run in the browser as it grows."""

from .app import app as app
from .serve import serve as serve
