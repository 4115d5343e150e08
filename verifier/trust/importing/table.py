"""What policies are imported from: one row a format of documents, told by their content, and one a command's flags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.formats.json.fields import Fields
from verifier.trust.importing import cosign, kyverno, kyverno_cel, opa, policy_controller, slsa_verifier
from verifier.trust.importing.documents import documents
from verifier.trust.importing.draft import Draft

COMMANDS: Final = ("slsa-verifier", "cosign")
"""Commands whose flags are imported, given behind `--`."""
_EXPECTED: Final = (
    "a ClusterImagePolicy (policy-controller), a ClusterPolicy or ImageValidatingPolicy (Kyverno), or a configuration "
    "of OPA"
)


def from_document(content: bytes, *, where: str, folder: str) -> Draft:
    """The draft of a file; `folder` is where keys are written. Raises `Refused`, `ConfigurationError`."""
    found = documents(content, where=where)
    readers = [read for told, read in _DOCUMENTS if any(map(told, found))]
    if len(readers) > 1:  # each of them has to hold, and what another demands would be left out
        message = "it holds policies of several kinds, and each of them had to hold"
        raise ConfigurationError(message, where=where, hint="Import each kind from a file of its own.")
    for read in readers:
        return read(found, source=where, folder=folder)
    kinds = ", ".join(sorted({str(each.value.get("kind"))[:60] for each in found})) or "nothing"
    raise ConfigurationError(f"it holds {kinds}, expected {_EXPECTED}", where=where)


def from_flags(
    command: str, words: Sequence[str], *, artifact: str | None, folder: str, read_key: Callable[[str], bytes]
) -> Draft:
    """The draft of a command's flags; `read_key` reads the file of a key. Raises `ConfigurationError`."""
    if command == "cosign":
        return cosign.read(words, artifact=artifact, folder=folder, read_key=read_key)
    return slsa_verifier.read(words, artifact=artifact)


def _of(kinds: Sequence[str], *groups: str) -> Callable[[Fields], bool]:
    return lambda found: (
        found.value.get("kind") in kinds and str(found.value.get("apiVersion", "")).startswith(tuple(groups))
    )


_DOCUMENTS: Final = (
    (_of((policy_controller.KIND,), *policy_controller.GROUPS), policy_controller.read),
    (_of(kyverno_cel.KINDS, kyverno_cel.GROUP), kyverno_cel.read),
    (_of(kyverno.KINDS, kyverno.GROUP), kyverno.read),
    (lambda found: "kind" not in found.value and bool(opa.MEMBERS & found.value.keys()), opa.read),
)
