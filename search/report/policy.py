"""What the page may do: show its own style and run its own script, nothing from any network."""

from __future__ import annotations

import base64
import hashlib

from .markup import Html, tag


def policy(style: str, script: str, live: bool = False) -> Html:
    """Returns the Content-Security-Policy of a page, by the hashes of its style and its script.

    live: the page also loads a script of its own server and asks that server for news.
    """
    own = " 'self'" if live else ""
    rules = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script) + own,
        "connect-src": own.strip() or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    said = "; ".join(f"{name} {value}" for name, value in rules.items())
    return tag("meta", http_equiv="Content-Security-Policy", content=said)


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
