"""What is done online before the audit itself: what is not pinned is resolved, and the index asked about releases.

* of a private name (`hygiene.private`), nobody is asked: not even whether there is such a name
* what comes of it are packages that say more; whatever the index does not have is unknown by a source of its own, so
  that no other source's having no record makes it fine
* `Online` is whom to ask; without it, nobody is
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from verifier.audit.answers import AdvisorySource, Answers
from verifier.audit.askable import private_pattern
from verifier.audit.online.index import IndexService
from verifier.audit.online.resolving import Resolver
from verifier.audit.prepared import Prepared
from verifier.audit.sources.collected import Collected
from verifier.audit.sources.merged import one_each
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field, replace
from verifier.formats.audit.package import Package


class Missing(Value):
    """An index, as a source: of the packages that it does not have, nobody's having no record says anything.

    `unknown` are those, by purl, with why; `name` is the index's URL.
    """

    name: str
    unknown: Mapping[str, str] = field(repr=False)

    def ask(self, packages: Sequence[Package], now: datetime) -> Answers:  # noqa: ARG002 - every source is asked so
        """Which of `packages` the index does not have."""
        unknown = {each.purl: why for each in packages if (why := self.unknown.get(each.purl))}
        return Answers(records=dict.fromkeys(unknown, ()), unknown=unknown)


class Online(Value):
    """Whom to ask: `service` about vulnerabilities, `index` about releases, `resolver` for what is not pinned."""

    service: AdvisorySource | None = None
    index: IndexService | None = None
    resolver: Resolver | None = None

    def prepare(self, collected: Collected, private: Sequence[str] = ()) -> Prepared:
        """What is audited after everybody but the service was asked; raises nothing. Nobody is asked about names that
        one of the patterns `private` matches."""
        packages, own = _parted(collected.packages, private)
        reasons: tuple[Reason, ...] = ()
        if self.resolver is not None:
            resolved = self.resolver.resolve(packages)
            packages, reasons = resolved.packages, resolved.reasons
        sources = () if self.service is None else (self.service,)
        if self.index is None:
            return Prepared(collected=_with(collected, (*packages, *own)), sources=sources, reasons=reasons)
        described = self.index.describe(packages)
        missing = Missing(name=shown(self.index.url), unknown=described.unknown)
        silent = (
            Reason(code="dependency.index-silent", subject=each, message="has pages for people only")
            for each in described.silent
        )
        return Prepared(
            collected=_with(collected, (*described.packages, *own)),
            sources=(*sources, missing),
            reasons=(*reasons, *described.reasons, *silent),
        )


def _parted(packages: Sequence[Package], private: Sequence[str]) -> tuple[tuple[Package, ...], tuple[Package, ...]]:
    """Those that may be asked about, and those that may not."""
    own = {each.purl for each in packages if private_pattern(each, private)}
    return tuple(each for each in packages if each.purl not in own), tuple(
        each for each in packages if each.purl in own
    )


def _with(collected: Collected, packages: Sequence[Package]) -> Collected:
    """The same with these packages, each once, in its order."""
    return replace(collected, packages=one_each(packages))
