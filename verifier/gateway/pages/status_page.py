"""The status for people: one page that needs nothing else.

* no script, no request to anywhere: the policy of the page forbids both
* every text is escaped for HTML, after what does not show has been made visible (T-403)
* the state is said in words, not in colours alone
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import Any

from verifier.core.clock import parse_rfc3339
from verifier.reports.escape import printable

_STYLE = """
:root { color-scheme: light dark; --ink: #1a2027; --soft: #5b6672; --line: #dde2e8; --page: #f6f7f9; --card: #fff;
  --good: #14713d; --good-soft: #e3f4ea; --bad: #a3261b; --bad-soft: #fbe9e7; --warn: #8a5a00; --warn-soft: #fdf2dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #97a3b0; --line: #2c343d; --page: #12161b;
  --card: #1a2027; --good: #6bd098; --good-soft: #173425; --bad: #ff9a8f; --bad-soft: #3d1d1a; --warn: #f0c069;
  --warn-soft: #382b12; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main, header { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; padding-bottom: 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; } .soft { color: var(--soft); }
code, .mono { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 1rem;
  padding: 1.1rem 1.25rem; }
.top { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; margin-bottom: .75rem; }
.top .soft { margin-left: auto; }
.badge { border-radius: 99px; padding: .1rem .65rem; font-size: .82rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-soft); } .bad { color: var(--bad); background: var(--bad-soft); }
.warn { color: var(--warn); background: var(--warn-soft); }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .3rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.note { border-left: 3px solid; border-radius: 4px; padding: .6rem .9rem; margin-top: .9rem; }
.note p { color: var(--ink); } .note .hint { color: var(--soft); } .note p + p { margin-top: .15rem; }
.reason { margin-top: .45rem; } .reason:first-child { margin-top: 0; }
footer { color: var(--soft); font-size: .85rem; padding: .5rem 0 2.5rem; }
a { color: inherit; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_STATES = {
    "serving": ("good", "serving"),
    "withheld": ("bad", "withheld"),
    "empty": ("bad", "nothing accepted yet"),
}
_REFRESH_S = 15
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


def render(document: dict[str, Any]) -> str:
    """The page for a status document (`status.status`)."""
    return "".join(_page(document))


def _page(document: dict[str, Any]) -> Iterator[str]:
    serving = sum(bundle["state"] == "serving" for bundle in document["bundles"])
    total = len(document["bundles"])
    word = "ready" if document["ready"] else "not ready"
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{serving}/{total} · bundle gateway</title>"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="refresh" content="{_REFRESH_S}"><style>{_STYLE}</style></head><body>'
    yield f'<header><div class="top"><h1>Bundle gateway</h1>{_badge("good" if document["ready"] else "bad", word)}'
    yield f'<span class="soft">{_counted(serving, total, document.get("images"))}</span></div></header><main>'
    yield from _ledger(document["ledger"])
    for bundle in document["bundles"]:
        yield from _bundle(bundle, document["time"])
    if document.get("images"):
        yield from _images(document["images"])
    policy = document["policy"]
    yield f"<footer><p>Policy {_text(policy['uri'])}, <code>sha256:{_text(policy['digest']['sha256'])}</code></p>"
    started = _when(document["startedAt"], document["time"])
    yield f"<p>verify {_text(document['verifier']['version'])}, started {started}. "
    yield f"All of this was judged for this page, which asks again every {_REFRESH_S} seconds. "
    yield "The same as JSON: <code>/status</code>; for Prometheus: <code>/metrics</code>.</p>"
    yield "</footer></main></body></html>\n"


def _ledger(ledger: dict[str, Any]) -> Iterator[str]:
    if ledger["usable"]:
        return
    yield f'<section class="card"><div class="top"><h2>Ledger</h2>{_badge("bad", "cannot be used")}</div>'
    yield "<p>Nothing is served without it; it is opened as soon as that is possible.</p>"
    yield from _note("bad", "", ledger["reasons"])
    yield "</section>"


def _counted(serving: int, total: int, images: dict[str, Any] | None) -> str:
    bundles = [f"{serving} of {total} bundles served"] if total else []
    return ", ".join([*bundles, *(["images answered for"] if images else [])])


def _images(images: dict[str, Any]) -> Iterator[str]:
    yield '<section class="card"><div class="top"><h2>Images</h2>'
    yield f'<span class="soft mono">{_text(images["path"])}</span></div><dl>'
    for each in images["repositories"]:
        yield _fact(f"image:{_text(each['name'])}", f"<code>{_text(each['pattern'])}</code>")
    yield _fact("being verified", str(images["underWay"]))
    yield _fact("remembered", str(images["remembered"]))
    yield "</dl></section>"


def _bundle(bundle: dict[str, Any], now: str) -> Iterator[str]:
    colour, word = _STATES[bundle["state"]]
    yield f'<section class="card"><div class="top"><h2>{_text(bundle["name"])}</h2>{_badge(colour, word)}'
    if bundle["refusing"]:
        yield _badge("warn", "refusing what upstream has")
    elif bundle["failures"]:
        yield _badge("warn", "upstream out of reach")
    yield f'<span class="soft mono">{_text(bundle["path"])}</span></div><dl>'
    if bundle["digest"]:
        yield _fact("version", _text(bundle["version"] or "none"))
        yield _fact("digest", f"<code>sha256:{_text(bundle['digest']['sha256'])}</code>")
    yield _fact("upstream", f"<code>{_text(bundle['upstream'])}</code>")
    if bundle["state"] != "empty":
        yield _fact("accepted", _when(bundle["acceptedAt"], now) or "before the gateway was started")
    yield _fact("upstream seen", _when(bundle["contactedAt"], now) or "not yet")
    yield _fact("waiting clients", str(bundle["heldPolls"]))
    yield "</dl>"
    yield from _notes(bundle, now)
    yield "</section>"


def _notes(bundle: dict[str, Any], now: str) -> Iterator[str]:
    served, empty = bundle["state"] == "serving", bundle["state"] == "empty"
    # What is empty is so for the very refusal or failure that is shown next.
    if bundle["reasons"] and not (empty and (bundle["refusing"] or bundle["failures"])):
        yield from _note("warn" if served else "bad", "", bundle["reasons"])
    refusal, failure = bundle["lastRefusal"], bundle["lastFailure"]
    if bundle["refusing"] and refusal:
        version = f" version {_text(refusal['version'])}" if refusal["version"] else ""
        yield from _note("warn", f"Refused{version} at {_when(refusal['time'], now)}", refusal["reasons"])
    if bundle["failures"] and failure:
        times = "once" if bundle["failures"] == 1 else f"{bundle['failures']} times in a row"
        yield from _note("warn", f"Failed {times}, last at {_when(failure['time'], now)}", failure["reasons"])


def _when(time: str | None, now: str) -> str:
    """A moment as people read it, and how long ago it was."""
    if time is None:
        return ""
    try:
        moment, ago = parse_rfc3339(time), parse_rfc3339(now) - parse_rfc3339(time)
    except ValueError:
        return _text(time)
    seconds = int(ago.total_seconds())
    size, unit = next((each for each in _UNITS if seconds >= 2 * each[0]), (1, "s"))
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC, {seconds // size} {unit} ago"


def _note(colour: str, title: str, reasons: list[dict[str, str]]) -> Iterator[str]:
    yield f'<div class="note {colour}">'
    if title:
        yield f"<p><strong>{title}</strong></p>"
    for reason in reasons:
        yield f'<div class="reason"><p><code>{_text(reason["code"])}</code> {_text(reason["message"])}</p>'
        yield f'<p class="hint">{_text(reason["hint"])}</p></div>'
    yield "</div>"


def _fact(name: str, value: str) -> str:
    return f"<dt>{name}</dt><dd>{value}</dd>"


def _badge(colour: str, word: str) -> str:
    return f'<span class="badge {colour}">{word}</span>'


def _text(value: object) -> str:
    return escape(printable(str(value)))
