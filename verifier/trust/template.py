"""The policy that `verify trust init` writes: small, commented, strict, and accepted by `parse`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verifier.core.uris import VERIFIER_ID
from verifier.formats.json.write import compact
from verifier.trust.kinds import kind_in, kinds_with
from verifier.trust.sections.table import SECTIONS

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_TEMPLATE = """\
# Trust policy: whom we believe, and what we demand. Explained in docs/trust-policy.md;
# `verify trust check FILE` puts it into words and warns of weak settings.
version = 1
id = {id}  # verdicts name the policy by this URI and by the SHA-256 of this file

# Who signs. The path is relative to this file; nothing but a public key belongs here.
[signers.release]
key = {key}
{signer}# kid = "release"                       # what a signature's key id must be; the table's name by default
# algorithms = ["ES256"]                # the algorithm of the key's type by default
# not_before = 2026-01-01T00:00:00Z     # signatures count only between these two
# not_after = 2027-01-01T00:00:00Z
# revoked = true                        # signatures no longer count

# What is accepted, by kind:name. The most specific rule wins; what no rule matches is denied.
[artifacts.{artifact}]
{sections}
# Whose verdicts a runtime accepts: a signer together with the identity that it may speak for.
# [verifiers.ci]
# signer = "release"
# id = "{verifier}"  # what `--verifier-id` says, and this by default
"""

_SCOPE = 'scope = "each-name"                                         # or "NAME": one sequence of versions for all\n'


def starter_policy(
    *,
    policy_id: str = "https://example.org/policy/authz",
    artifact: str = "bundle:authz",
    key: str = "keys/release.pub",
    signer: str = "",
    instead: Mapping[str, str] = NOTHING,
) -> str:
    """A commented policy with one signer and one rule; its values are checked when it is parsed.

    `signer` are more lines about the signer, `instead` the lines of sections, by name, in the place of their own.
    """
    kind = kind_in(artifact)
    names = (row.name for row in SECTIONS if kind in kinds_with(row.name))
    own = {row.name: row for row in SECTIONS}
    sections = [instead[name] if name in instead else own[name].load().starter(kind) for name in names]
    if artifact.endswith("*"):
        sections.append(_SCOPE)
    said = {line.partition(" ")[0] for line in signer.splitlines()}
    # What is said of the signer needs no example of how it would be said.
    template = "".join(each for each in _TEMPLATE.splitlines(keepends=True) if each[2:].partition(" ")[0] not in said)
    return template.format(
        verifier=VERIFIER_ID,
        id=quote(policy_id),
        artifact=quote(artifact),
        key=quote(key),
        signer=signer,
        sections="".join(sections),
    )


def quote(text: str) -> str:
    """`text` as a string of TOML."""
    # JSON's escapes are TOML's, but for DEL and pairs of surrogates, which no value of a policy may hold.
    return compact(text)
