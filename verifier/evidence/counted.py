"""Whether what a listed signer has signed counts under the rule: its format, its repository, its claims.

* a signature in a format that the rule does not accept counts for nothing, and says so; one in the old format is warned
  of where it counts
* a signature that names a repository is for that one: by default the one that the artifact was fetched from. Of an
  artifact that is in none, and where the rule names none, nothing can be compared
* claims are those that were signed: each that the rule demands must be there and fit
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from verifier.core.artifact import Attested
from verifier.core.errors import Rejected
from verifier.core.globs import glob_matches
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.trust.sections.signatures import SignatureRule

if TYPE_CHECKING:
    from verifier.formats.intoto.release import Release
    from verifier.formats.intoto.statement import ResourceDescriptor

BUNDLE_FORMAT: Final = "bundle"
LEGACY_FORMAT: Final = "legacy"
_SHOWN: Final = 5


class Said(Value):
    """What a signature says beside that it is one; `repository` is what it calls that, "" where it calls it nothing and
    should, None where it is of a format that has no place for it."""

    format: str
    repository: str | None = None
    claims: tuple[tuple[str, str], ...] = ()


def require_counts(said: Said, wanted: SignatureRule, about: Attested, subject: str) -> tuple[Reason, ...]:
    """What there is to say of a signature that counts; raises `Rejected` where it does not."""
    reasons = (*_format(said, wanted, subject), *_repository(said, wanted, about, subject))
    reasons = (*reasons, *_claims(said, wanted, subject))
    if reasons:
        raise Rejected(*reasons)
    return tuple(_warned(said, wanted, about, subject))


def require_format(said: Said, wanted: SignatureRule, about: Attested, subject: str) -> tuple[Reason, ...]:
    """The same of what is no signature of the artifact, and counts for something else."""
    if reasons := tuple(_format(said, wanted, subject)):
        raise Rejected(*reasons)
    return tuple(_warned(said, wanted, about, subject))


def _format(said: Said, wanted: SignatureRule, subject: str) -> Iterator[Reason]:
    if said.format not in wanted.accepted:
        message = f"it is in the format {said.format!r}, the rule accepts {', '.join(map(repr, wanted.accepted))}"
        yield Reason(code="signature.format-not-accepted", subject=subject, message=message)


def _repository(said: Said, wanted: SignatureRule, about: Attested, subject: str) -> Iterator[Reason]:
    expected = wanted.repository or about.repository
    if said.repository is None or expected is None:
        return
    from verifier.formats.oci.repository import repository_of, spelled  # noqa: PLC0415 - few signatures name one

    try:
        named = repository_of(said.repository)
    except ValueError:
        named = ""
    if named != spelled(expected):
        seen = repr(said.repository)[:300] if said.repository else "no repository"
        message = f"it is for {seen}, expected {expected}"
        yield Reason(code="signature.wrong-repository", subject=subject, message=message)


def _claims(said: Said, wanted: SignatureRule, subject: str) -> Iterator[Reason]:
    claims = dict(said.claims)
    for name, pattern in wanted.claims or ():
        value = claims.get(name)
        if value is None or not glob_matches(pattern, value):
            seen = _listed(said.claims) if value is None else f"{value!r:.200}"
            message = (
                f"the claim {name!r} is {seen if value is not None else f'missing ({seen})'}, expected {pattern!r}"
            )
            yield Reason(code="signature.claim-mismatch", subject=subject, message=message)


def _listed(claims: Iterable[tuple[str, str]]) -> str:
    names = [name for name, _ in claims]
    if not names:
        return "none was signed"
    return f"signed were {', '.join(map(repr, names[:_SHOWN]))}{', ...' if len(names) > _SHOWN else ''}"


def _warned(said: Said, wanted: SignatureRule, about: Attested, subject: str) -> Iterator[Reason]:
    if said.format != LEGACY_FORMAT:
        return
    message = "it is a layer of cosign's old scheme"
    if said.repository is not None and wanted.repository is None and about.repository is None:
        message += f", for {said.repository!r:.300}: compared with nothing, as nobody says where the image is from"
    yield Reason(code="signature.legacy-format", subject=subject, message=message)


def said_of(format_: str, about: Attested, named: ResourceDescriptor, claims: Release | None) -> Said:
    """What a statement says beside that it is one. cosign's name of a subject is a repository: of our own releases, and
    of what lies in no repository, it is something else."""
    from verifier.formats.oci.repository import names_registry  # noqa: PLC0415 - small, and few are of images

    of_repository = claims is None and about.repository is not None and names_registry(named.name)
    return Said(format=format_, repository=named.name if of_repository else None, claims=named.annotations)
