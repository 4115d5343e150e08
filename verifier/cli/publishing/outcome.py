"""What was asked of a publication, what the gate said of it, and what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.publishing.destination import Destination
from verifier.core.value import Value
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.publish.push.written import Plan

if TYPE_CHECKING:
    from verifier.publish.push.execute import Published


class Told(Value):
    """What was asked for, and what the gate said of it."""

    plan: Plan
    place: Destination
    kind: str
    verdict: Verdict | None = None
    policy: Path | None = None
    either: str = ""
    """What to type instead, where nobody has said whether it is an image or a bundle."""
    published: Published | None = None
    dry_run: bool = False

    @property
    def dossier(self) -> Dossier:
        """What the gate said, for reports of verdicts."""
        if self.verdict is None:
            raise TypeError("nothing was judged")
        return Dossier(verdicts=(self.verdict,), references=(self.reference,))

    @property
    def reference(self) -> str:
        """What is published, by its digest."""
        return self.place.at(self.plan.subject.digest)
