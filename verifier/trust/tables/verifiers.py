"""`[verifiers.NAME]`: whose verdicts are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from verifier.core.value import Value
from verifier.trust import vocabulary

if TYPE_CHECKING:
    from verifier.core.signers.signer import Signer
    from verifier.formats.toml.table import Table

KEYS = frozenset({"signer", "id"})


class VerifierRule(Value):
    """Whose verdicts are accepted: the pair (signer, `verifier.id`); `id` is compared exactly."""

    name: str
    signer: str
    id: str


def parse(top: Table, signers: Mapping[str, Signer]) -> tuple[VerifierRule, ...]:
    """The policy's verifiers; raises `ConfigurationError`."""
    return tuple(
        VerifierRule(
            name=name,
            signer=table.reference("signer", table.text("signer"), signers),
            id=table.required_text("id", vocabulary.check_uri),
        )
        for name, table in top.named_tables("verifiers", KEYS)
    )


def words(verifiers: tuple[VerifierRule, ...]) -> Iterator[str]:
    """A sentence for each verifier."""
    for each in verifiers:
        yield f"Verdicts of {each.id} are accepted when {each.signer} signed them."
