"""Digests: is every file exactly what the embedded signature lists, no more and no less?

 * every file but the signatures file is listed once, under its own name
 * a file that differs, is missing or is added denies
 * a signature over the right files behind one folder's name is one reason, and accuses nobody
 * broken hash functions deny, unless the policy accepts what OPA accepts
Source: https://www.openpolicyagent.org/docs/management-bundles#signature-format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.core.reading import ReadingMode
from verifier.evidence.inspection import Inspection
from verifier.formats.opa.digest import ALGORITHMS, WEAK_ALGORITHMS
from verifier.kinds.bundle.artifact import Bundle
from verifier.kinds.bundle.files import BundleFile
from verifier.signatures.opa_jws import SignedFile

NAME = "digests"

_STRONG = {name: hash_of for name, hash_of in ALGORITHMS.items() if name not in WEAK_ALGORITHMS}


def check(inspection: Inspection) -> Outcome:
    """Compare the bundle's files with the digests that its embedded signature covers."""
    bundle, signature = inspection.artifact, inspection.evidence.embedded
    if not isinstance(bundle, Bundle):
        return NotApplicable(why="only bundles carry file digests")
    if signature is None:
        return NotApplicable(why="no embedded signature verified; detached ones cover the whole archive")
    reasons: list[Reason] = []
    for reason in _differences(bundle, signature.listed):
        reasons.append(reason)
        if len(reasons) == MAX_FINDINGS:
            break
    if reasons and (one := _behind_folder(bundle, signature.listed)):
        return outcome_of([one])
    return outcome_of(reasons)


def _behind_folder(bundle: Bundle, listed: Iterable[tuple[str, str, str]]) -> Reason | None:
    from verifier.kinds.bundle.behind_folder import behind_folder  # noqa: PLC0415 - only for what is denied

    return behind_folder(bundle.files, listed)


def _differences(bundle: Bundle, listed: Iterable[tuple[str, str, str]]) -> Iterator[Reason]:
    files = bundle.files
    tar, spans, documents, remaining = files.tar, files.spans, files.documents, files.places()
    for name, signed, algorithm in listed:
        at = remaining.pop(name, None)
        if at is None:
            message = "the signature lists the file, and the bundle does not have it (or lists it twice)"
            yield Reason(code="digest.extra", subject=name, message=message)
            continue
        # A bundle has thousands of these: agreeing is quick, explaining a difference is another matter.
        if (hash_of := _STRONG.get(algorithm)) is not None:
            _, _, start, stop, _ = spans[at]
            if at not in documents:
                if hash_of(tar[start:stop]).hexdigest() == signed:
                    continue
            elif signed in files[at].digests(algorithm):
                continue
        entry = SignedFile(name, signed, algorithm)
        yield from _judge(files[at], entry, compat=bundle.mode is ReadingMode.OPA_COMPAT)
    for name in remaining:
        message = "the bundle has the file, and the signature does not list it"
        yield Reason(code="digest.missing", subject=name, message=message)


def _judge(file: BundleFile, entry: SignedFile, *, compat: bool) -> Iterator[Reason]:
    if entry.algorithm not in ALGORITHMS:
        message = f"unknown digest algorithm {entry.algorithm!r}"
        yield Reason(code="digest.weak-algorithm", subject=entry.name, message=message)
        return
    if entry.algorithm in WEAK_ALGORITHMS:
        weak = Reason(code="digest.weak-algorithm", subject=entry.name, message=f"the digest is {entry.algorithm}")
        yield weak.as_warning() if compat else weak
    actual = file.digests(entry.algorithm)
    if entry.hash not in actual:
        message = f"signed as {entry.algorithm} {entry.hash}, is {actual[0]}"
        yield Reason(code="digest.mismatch", subject=entry.name, message=message)
