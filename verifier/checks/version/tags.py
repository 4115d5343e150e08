"""What a tag stands for against what it stood for when something was accepted under it.

* a tag that moved is denied where the rule says that tags do not, and is a warning in every other report
* whether what it stands for now may be used is for versions and signatures to say: a tag is no order
* where nothing could be compared, and the rule says that tags do not move, that is said
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.version.compared import Compared
from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused
from verifier.core.outcome import Reason, outcome_of, reasons_of
from verifier.core.value import replace
from verifier.ledger.view import View
from verifier.trust.model import ArtifactRule
from verifier.versions.memory import Memory

_VERSION_SHOWN = 80


def with_tag(compared: Compared, memory: Memory | None, rule: ArtifactRule, said: View | Refused) -> Compared:
    """What comes of comparing versions, and tags as well."""
    reasons = tuple(tag_moved(memory, rule, said))
    return replace(compared, outcome=outcome_of((*reasons_of(compared.outcome), *reasons))) if reasons else compared


def tag_moved(memory: Memory | None, rule: ArtifactRule, said: View | Refused) -> Iterator[Reason]:
    """What there is to say of the tag that an image was asked for by."""
    if memory is None or memory.tag is None or isinstance(said, Refused):
        return
    tag, immutable = memory.tag, getattr(rule.section("tags"), "moving", "mutable") == "immutable"
    if not said.consulted:
        if immutable:
            message = f"that {tag.name} stands for {tag.digest} was not compared with anything: no ledger was consulted"
            yield Reason(code="version.unchecked", subject=tag.name, message=message)
        return
    before = said.tagged
    if before is None or before.digest == tag.digest:
        return
    version = "" if before.version is None else f" (version {before.version[:_VERSION_SHOWN]})"
    message = (
        f"{tag.name} stood for {before.digest}{version}, accepted at {format_rfc3339(before.time)}, and stands for "
        f"{tag.digest} now"
    )
    moved = Reason(code="image.tag-moved", subject=tag.name, message=message)
    yield moved if immutable else moved.as_warning()
