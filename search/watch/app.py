"""The application: one page and its script, to be read only, and only from this machine."""

from __future__ import annotations

from importlib.resources import files

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..errors import RunError
from .shown import Watched

# The names by which a browser may ask. A page elsewhere whose name was made to point at this
# machine (DNS rebinding) asks by its own name, and is refused.
HOSTS = ("127.0.0.1", "localhost")

# Beside the policy that the page states itself: no other page may frame, load or read this one.
GUARD = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def app(watched: Watched) -> Starlette:
    """Returns the application that serves the page of a run."""
    script = files("search.watch").joinpath("live.js").read_text(encoding="utf-8")

    def report(request: Request) -> Response:  # not async: Starlette runs it in a thread
        shown = watched.shown()
        headers = {**GUARD, "ETag": shown.mark}
        if request.headers.get("if-none-match") == shown.mark:
            return Response(status_code=304, headers=headers)
        return Response(shown.html, headers=headers, media_type="text/html")

    async def live(request: Request) -> Response:
        del request
        return Response(script, headers=GUARD, media_type="text/javascript")

    made = Starlette(
        routes=[Route("/", report), Route("/live.js", live)],
        middleware=[Middleware(TrustedHostMiddleware, HOSTS, www_redirect=False)],
        exception_handlers={RunError: _gone},
    )
    made.router.redirect_slashes = False
    return made


async def _gone(request: Request, error: Exception) -> Response:
    """Answers for a run that was removed, or damaged, while it was watched."""
    del request
    return PlainTextResponse(str(error), status_code=503, headers=GUARD)
