"""One page: a file that needs nothing else, and that lets nothing else in.

* its policy lets this style and this script count, by their digests, and nothing be fetched, sent or framed
* it is ASCII: what is not is written as numbers, so no encoding reads it otherwise, and every place can hold it
* it names the program that made it
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import Final

from verifier.core.version import VERSION
from verifier.reports.html.elements import Html, element, text

GENERATOR: Final = f"policy-verifier {VERSION}"
STYLE: Final = resources.files(__package__).joinpath("page.css").read_text(encoding="ascii")
"""The style of every page."""
SCRIPT: Final = resources.files(__package__).joinpath("page.js").read_text(encoding="ascii")
"""What tables can do where scripts run."""


def page(title: str, inside: Iterable[Html], *, script: str = SCRIPT) -> str:
    """The whole document, ending in a newline; without a `script` none may run."""
    heads = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy_of(script)),
        element("meta", name="generator", content=GENERATOR),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", text(title)),
        Html(f"<style>{STYLE}</style>"),
    ]
    skip = Html('<a class="skip" href="#main">Skip to the report</a>')
    end = Html(f"<script>{script}</script>") if script else Html("")
    body = element("body", skip, *inside, end)
    whole = f'<!doctype html>\n<html lang="en">{element("head", *heads)}\n{body}</html>\n'
    return whole.encode("ascii", "xmlcharrefreplace").decode("ascii")


def policy_of(script: str) -> str:
    """What such a page may do; who serves one says it in a header, and who may frame it besides."""
    allowed = f"'{digest_of(script)}'" if script else "'none'"
    return (
        f"default-src 'none'; style-src '{digest_of(STYLE)}'; script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def digest_of(source: str) -> str:
    """The digest of a style or a script, as a policy names it (Content Security Policy Level 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
