"""One content has one version: what a scope knows under another label is not accepted under a new one.

* whoever replays an old release needs nothing but a newer word about it; the ledger remembers what it was called
* versions that order equally are one version; those of another scheme are not compared
* a signed time is no label: signing the same content again is what it is for
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.ledger.view import View
from verifier.versions.schemes import Scheme, order_key

"""Characters of a version that a reason repeats."""


def relabelled(version: str, scheme: Scheme, digest: Digest, view: View) -> Iterator[Reason]:
    """Why the content `digest` may not be accepted as `version`, if the scope knows it under another."""
    if scheme is Scheme.SIGNED_TIME:
        return
    mark = view.state.mark if view.state is not None else None
    known = [*view.known_as, *([(mark.version, str(mark.scheme))] if mark and mark.digest == digest else [])]
    others = [each for each, of in known if of == scheme and _differ(scheme, each, version)]
    if others:
        message = f"{digest} was accepted as {others[0]}, and now comes as {version:.80}"
        yield Reason(code="version.relabelled", subject=f"{version:.80}", message=message)


def _differ(scheme: Scheme, accepted: str, version: str) -> bool:
    try:
        return order_key(scheme, accepted) != order_key(scheme, version)
    except ValueError:  # what cannot be ordered is denied as that
        return False
