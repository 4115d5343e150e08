"""`[builders.NAME]`: which builds are trusted how far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from verifier.core.value import Value
from verifier.trust import vocabulary

if TYPE_CHECKING:
    from verifier.core.signers.signer import Signer
    from verifier.formats.toml.table import Table

KEYS = frozenset({"signer", "id", "level"})


class BuilderRule(Value):
    """SLSA's roots of trust: the highest build level that is believed of (signer, `builder.id`); `id` is a glob."""

    name: str
    signer: str
    id: str
    level: int


def parse(top: Table, signers: Mapping[str, Signer]) -> tuple[BuilderRule, ...]:
    """The policy's builders; raises `ConfigurationError`."""
    return tuple(
        BuilderRule(
            name=name,
            signer=table.reference("signer", table.text("signer"), signers),
            id=table.required_text("id", vocabulary.check_uri_glob),
            level=table.integer("level", low=1, high=vocabulary.MAX_BUILD_LEVEL),
        )
        for name, table in top.named_tables("builders", KEYS)
    )


def words(builders: tuple[BuilderRule, ...]) -> Iterator[str]:
    """A sentence for each builder."""
    for each in builders:
        yield f"A build by {each.id}, signed by {each.signer}, counts as SLSA build level {each.level}."
