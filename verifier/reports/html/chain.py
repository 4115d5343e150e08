"""What a decision rests on, as a graph and as a table: rule, signers, evidence, artifact; proven or not.

* what is proven is drawn with an unbroken line, what is not with a broken one, and both are said in words
* an evidence that nobody has proven is no one's: no line leads to it from a signer
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.verdict import EvidenceItem, Verdict
from verifier.reports.html.drawing import label, svg
from verifier.reports.html.elements import Html, code, digest, element, joined, text, words
from verifier.reports.html.table import table
from verifier.reports.told import policy_text

_WIDE, _HIGH, _GAP_X, _GAP_Y = 208, 68, 62, 14
_DRAWN: Final = 10
"""Pieces of evidence in the drawing; the table has all."""
_WIDTH: Final = 4 * _WIDE + 3 * _GAP_X
_HEADS: Final = ("policy", "signer", "evidence", "artifact")
_TOP: Final = 26


def chain(place: str, verdict: Verdict) -> Html:
    """The drawing and the table; `place` begins their ids."""
    if not verdict.evidence:
        nothing = element(
            "p", text("No evidence was looked at: nothing proves anything of this artifact."), class_="soft"
        )
        return joined((element("figure", _drawing(verdict), _steps(verdict)), nothing))
    steps = _steps(verdict)
    heads = ("Evidence", "State", "Signer", "Signed at", "Digest")
    rows = map(_row, verdict.evidence)
    count = len(verdict.evidence)
    named = f"All {count:,} pieces of evidence as a table" if count > 1 else "The evidence as a table"
    listed = table(f"{place}-evidence", "Evidence that was looked at", heads, rows, narrow=(1, 3), wide=4)
    return joined(
        (element("figure", _drawing(verdict), steps), element("details", element("summary", text(named)), listed))
    )


def _steps(verdict: Verdict) -> Html:
    """The same from top to bottom, for a narrow page."""
    rule = f"rule {_short(verdict.rule_digest)}" if verdict.rule_digest else "no rule applied"
    steps = [_step("", "policy", policy_text(verdict), text(rule))]
    by: dict[str, list[EvidenceItem]] = {}
    for item in verdict.evidence:
        if item.verified:
            by.setdefault(item.signer or "proven", []).append(item)
    unproven = [each for each in verdict.evidence if not each.verified]
    steps += [_step("good", "signer", signer, _kinds(items)) for signer, items in by.items()]
    if not by:
        steps.append(_step("none", "signer", "nobody", text("no signer has proven any of it")))
    if unproven:
        steps.append(_step("none", "evidence", "not proven", _kinds(unproven)))
    read = _short(verdict.subject.digest) if verdict.subject.digest else "could not be read"
    steps.append(_step("good" if verdict.passed else "bad", "artifact", verdict.subject.name, code(read)))
    return element("ol", *steps, class_="steps")


def _step(shape: str, what: str, title: str, inside: Html) -> Html:
    said = element("span", text(what), class_="soft small"), element("strong", words(title)), element("span", inside)
    return element("li", *said, class_=shape or None)


def _kinds(items: Sequence[EvidenceItem]) -> Html:
    return joined((words(each.kind) for each in items), "<br>")


def _row(item: EvidenceItem) -> tuple[Html, ...]:
    state = ("good", "proven") if item.verified else ("bad", "not proven")
    badge = element("span", text(state[1]), class_=f"badge {state[0]}")
    signer = words(item.signer) if item.verified and item.signer else Html("")
    return words(item.kind), badge, signer, text(format_rfc3339(item.time) if item.time else ""), digest(item.digest)


def _short(digest: Digest) -> str:
    return f"{digest.algorithm}:{digest.value[:12]}…"


def _drawing(verdict: Verdict) -> Html:
    items = verdict.evidence[:_DRAWN]
    signers = list(dict.fromkeys(each.signer for each in items if each.verified and each.signer))
    rows = max(len(items), len(signers), 1)
    height = _TOP + rows * (_HIGH + _GAP_Y) + (20 if len(verdict.evidence) > len(items) else 0)
    count = sum(each.verified for each in verdict.evidence)
    named = f"Chain of evidence: {count} of {len(verdict.evidence)} pieces of evidence proven"
    return svg(_WIDTH, height, named, _shapes(verdict, items, signers, rows), class_="drawing graph")


def _shapes(verdict: Verdict, items: Sequence[EvidenceItem], signers: Sequence[str], rows: int) -> Iterator[Html]:
    for at, head in enumerate(_HEADS):
        yield label(_x(at), 12, head, _WIDE, shape="t")
    middle = _places(1, rows)[0]
    of_signers = dict(zip(signers, _places(len(signers), rows), strict=True))
    of_items = _places(len(items), rows)
    for y in of_signers.values():
        yield _edge(0, middle, y, is_proven=True)
    for item, y in zip(items, of_items, strict=True):
        if item.verified and item.signer:
            yield _edge(1, of_signers[item.signer], y, is_proven=True)
        yield _edge(2, y, middle, is_proven=item.verified)
    if not any(each.verified for each in items):
        yield _box(1, middle, "none", "nobody", "no signer has proven any of it")
    yield _rule(verdict, middle)
    for signer, y in of_signers.items():
        yield _box(1, y, "good", signer, "named by the policy")
    for item, y in zip(items, of_items, strict=True):
        when = f", {item.time:%Y-%m-%d}" if item.time else ""
        yield _box(2, y, "good" if item.verified else "none", item.kind, _short(item.digest), _state(item) + when)
    yield _artifact(verdict, middle)
    if len(verdict.evidence) > len(items):
        more = f"and {len(verdict.evidence) - len(items):,} more, in the table"
        yield label(_x(2), _TOP + rows * (_HIGH + _GAP_Y) + 10, more, _WIDE, shape="t")


def _state(item: EvidenceItem) -> str:
    return "proven" if item.verified else "not proven"


def _rule(verdict: Verdict, y: int) -> Html:
    if verdict.rule_digest is None:
        return _box(0, y, "none", policy_text(verdict), "no rule applied")
    return _box(0, y, "", policy_text(verdict), f"rule {_short(verdict.rule_digest)}")


def _artifact(verdict: Verdict, y: int) -> Html:
    subject = verdict.subject
    read = _short(subject.digest) if subject.digest else "could not be read"
    return _box(3, y, "good" if verdict.passed else "bad", subject.name, read, subject.version or "no version")


def _places(count: int, rows: int) -> list[int]:
    """The tops of so many boxes, spread over the height of `rows`."""
    whole = rows * (_HIGH + _GAP_Y)
    return [_TOP + (2 * at + 1) * whole // (2 * count) - _HIGH // 2 for at in range(count)]


def _x(column: int) -> int:
    return column * (_WIDE + _GAP_X)


def _box(column: int, y: int, shape: str, title: str, *lines: str) -> Html:
    x, inside = _x(column), _WIDE - 24
    start = y + (23 if len(lines) == 2 else 31)
    said = [label(x + 12, start, title.removeprefix("https://"), inside, shape="h")]
    for at, line in enumerate(lines, 1):
        said.append(label(x + 12, start + 17 * at, line, inside, shape="m t" if ":" in line else "t"))
    box = element("rect", class_=f"box {shape}".strip(), x=x + 1, y=y, width=_WIDE - 2, height=_HIGH, rx=9)
    return element("g", box, *said)


def _edge(column: int, before: int, after: int, *, is_proven: bool) -> Html:
    """A line from a box of `column` to one of the next, with the head of an arrow."""
    x, end = _x(column) + _WIDE - 1, _x(column + 1) + 1
    y, y_end, bend = before + _HIGH // 2, after + _HIGH // 2, _GAP_X // 2
    curve = f"M{x} {y}C{x + bend} {y} {end - bend} {y_end} {end - 2} {y_end}"
    head = f"M{end - 8} {y_end - 5}l6 5-6 5"
    colour = "edge good" if is_proven else "edge"
    line = element("path", class_=colour if is_proven else "edge none", d=curve)
    return element("g", line, element("path", class_=colour, d=head))
