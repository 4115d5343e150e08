"""`[verifiers.NAME]`: whose verdicts are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.value import Value
from verifier.trust import vocabulary

if TYPE_CHECKING:
    from verifier.core.signers.signer import Signer
    from verifier.formats.toml.table import Table

KEYS = frozenset({"signer", "id", "policy_digests"})


class VerifierRule(Value):
    """Whose verdicts are accepted: the pair (signer, `verifier.id`); `id` is compared exactly.

    `policy_digests` are policies of its own under which a verdict of its counts that names none of our rules.
    """

    name: str
    signer: str
    id: str
    policy_digests: tuple[Digest, ...] = ()


def parse(top: Table, signers: Mapping[str, Signer]) -> tuple[VerifierRule, ...]:
    """The policy's verifiers; raises `ConfigurationError`."""
    return tuple(
        VerifierRule(
            name=name,
            signer=table.reference("signer", table.text("signer"), signers),
            id=table.required_text("id", vocabulary.check_uri),
            policy_digests=tuple(map(Digest.parse, table.optional_texts("policy_digests", _check_digest))),
        )
        for name, table in top.named_tables("verifiers", KEYS)
    )


def words(verifiers: tuple[VerifierRule, ...]) -> Iterator[str]:
    """A sentence for each verifier."""
    for each in verifiers:
        yield f"Verdicts of {each.id} are accepted when {each.signer} signed them{_under(each)}."


def _under(each: VerifierRule) -> str:
    listed = ", ".join(map(str, each.policy_digests))
    return f", also under its policy {listed}" if listed else ""


def _check_digest(text: str) -> str:
    if Digest.parse(text).algorithm != "sha256":
        raise ValueError(f"must be written sha256:HEX, not {text!r}")
    return text
