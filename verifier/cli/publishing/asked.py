"""From the options of `verify publish` to the plan of what is written."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.cli.options.option import refuse_without
from verifier.cli.publishing.destination import Destination
from verifier.cli.publishing.parts import bundle_at, image_parts_of, is_image
from verifier.cli.publishing.sense import check_repository
from verifier.cli.publishing.signer import release_signer
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.files.absent import may_be_registry
from verifier.publish.leaks.look import examine_document
from verifier.publish.push.attach import Scheme
from verifier.publish.push.bundle import bundle_part
from verifier.publish.push.planning import Wanted, plan_beside, plan_of
from verifier.publish.push.written import Plan

if TYPE_CHECKING:
    from verifier.cli.options.answer import Answer
    from verifier.cli.options.contents import Contents
    from verifier.cli.options.publishing.attaching import Attaching
    from verifier.cli.options.publishing.gate import Gate
    from verifier.cli.options.signing import Signing


class Asked(Value):
    """What was typed, but for the gate. Without a `source`, `reference` is what is there already."""

    source: str | None
    reference: str
    attaching: Attaching
    signing: Signing
    contents: Contents
    now: datetime
    dry_run: bool
    correlation_id: str
    answer: Answer

    @property
    def signs(self) -> bool:
        """Whether it is signed now."""
        return self.signing.key is not None or self.signing.keyless

    def require_sense(self) -> None:
        """Refuse options of a signature without one, of a bundle without one, and where nothing is asked for."""
        attaching = self.attaching
        if not self.signs:
            given = {"--claim": attaching.claim, "--repository": attaching.repository}
            refuse_without("--key or --keyless", given | self.signing.companions())
        if attaching.repository is not None:
            check_repository(attaching.repository)
        if self.source is not None:
            return
        hint = "Give SOURCE and REF to publish, or REF with --attach or --key."
        refuse_without("SOURCE", {"--annotation": attaching.annotation})
        if "://" not in self.reference and not self.reference.startswith("oci-layout:"):
            if may_be_registry(self.reference):
                hint = f"To attach to what is in a registry, write oci://{self.reference}. {hint}"
            raise ConfigurationError("is missing: where is it to be published?", where="REF", hint=hint)
        if not self.signs and not attaching.attach:
            raise ConfigurationError("there is nothing to publish or to attach", where=self.reference, hint=hint)

    def kind(self, gate: Gate) -> str:
        """What it is judged as."""
        if gate.kind is not None:
            return gate.kind
        if self.source is None and gate.gate is not None:
            hint = "Say --kind bundle, or --kind image."
            raise ConfigurationError("needs to know what it is that is there", where="--gate", hint=hint)
        return "image" if is_image(self.source or "") else "bundle"

    def plan(self, place: Destination, opened: ExitStack) -> Plan:
        """The plan of it: files are read and looked at here, keys opened. `opened` is closed once it is written."""
        admission = self.contents.admission(self.signing)
        wanted = self._wanted(place)
        looked_at = [
            examine_document(each.content, subject=each.name, admission=admission) for each in wanted.documents
        ]
        if self.source is None or is_image(self.source):
            self.contents.require_fit(*looked_at, admission=admission)
        if self.source is None:
            return plan_beside(place.there(), wanted)
        if is_image(self.source):
            refuse_without("a bundle", {"--annotation": self.attaching.annotation})
            parts, carried = image_parts_of(self.source, opened)
            return plan_of(parts, wanted, tag=place.tag, carried=carried)
        examined = bundle_at(self.source, admission)
        self.contents.require_fit(examined, *looked_at, admission=admission)
        part = bundle_part(examined.content, annotations=self.attaching.annotations(self.now))
        return plan_of([part], wanted, tag=place.tag)

    def _wanted(self, place: Destination) -> Wanted:
        attaching = self.attaching
        return Wanted(
            documents=attaching.documents(),
            signer=release_signer(self.signing.choice()) if self.signs else None,
            claims=attaching.claims(),
            repository=attaching.repository or place.target.repository,
            scheme=Scheme(attaching.scheme),
            created=attaching.time(self.now),
        )
