"""The catalogue of reason codes: everything a verdict can say, in one table.

* a code that is not in the table cannot be used: `describe` raises
* a released code never changes its meaning
* the first word of a code is the name of its file; a new word is a file and a row here
* docs/reason-codes.md is generated from here, in this order
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.reasons.code import ReasonCode
from verifier.core.reasons.components.dependency import DEPENDENCY
from verifier.core.reasons.components.license import LICENSE
from verifier.core.reasons.components.package import PACKAGE
from verifier.core.reasons.components.sbom import SBOM
from verifier.core.reasons.components.vex import VEX
from verifier.core.reasons.components.vulnerability import VULNERABILITY
from verifier.core.reasons.content.archive import ARCHIVE
from verifier.core.reasons.content.bundle import BUNDLE
from verifier.core.reasons.content.checksums import CHECKSUMS
from verifier.core.reasons.content.digest import DIGEST
from verifier.core.reasons.content.image import IMAGE
from verifier.core.reasons.content.input import INPUT
from verifier.core.reasons.content.json import JSON
from verifier.core.reasons.content.leak import LEAK
from verifier.core.reasons.content.manifest import MANIFEST
from verifier.core.reasons.content.yaml import YAML
from verifier.core.reasons.service.agent import AGENT
from verifier.core.reasons.service.configuration import CONFIGURATION
from verifier.core.reasons.service.delivery import DELIVERY
from verifier.core.reasons.service.internal import INTERNAL
from verifier.core.reasons.service.issue import ISSUE
from verifier.core.reasons.service.publish import PUBLISH
from verifier.core.reasons.service.request import REQUEST
from verifier.core.reasons.service.run import RUN
from verifier.core.reasons.service.webhook import WEBHOOK
from verifier.core.reasons.state.cache import CACHE
from verifier.core.reasons.state.clock import CLOCK
from verifier.core.reasons.state.freshness import FRESHNESS
from verifier.core.reasons.state.ledger import LEDGER
from verifier.core.reasons.state.scope import SCOPE
from verifier.core.reasons.state.version import VERSION
from verifier.core.reasons.trust.attestation import ATTESTATION
from verifier.core.reasons.trust.capability import CAPABILITY
from verifier.core.reasons.trust.certificate import CERTIFICATE
from verifier.core.reasons.trust.key import KEY
from verifier.core.reasons.trust.log import LOG
from verifier.core.reasons.trust.name import NAME
from verifier.core.reasons.trust.organisation import ORGANISATION
from verifier.core.reasons.trust.policy import POLICY
from verifier.core.reasons.trust.provenance import PROVENANCE
from verifier.core.reasons.trust.signature import SIGNATURE
from verifier.core.reasons.trust.signer import SIGNER
from verifier.core.reasons.trust.time import TIME
from verifier.core.reasons.trust.trust import TRUST
from verifier.core.reasons.trust.verdict import VERDICT

_WORDS: tuple[tuple[ReasonCode, ...], ...] = (
    # content
    INPUT,
    ARCHIVE,
    JSON,
    YAML,
    MANIFEST,
    BUNDLE,
    DIGEST,
    CHECKSUMS,
    IMAGE,
    PACKAGE,
    SBOM,
    DEPENDENCY,
    LICENSE,
    VEX,
    VULNERABILITY,
    LEAK,
    # trust
    SIGNATURE,
    SIGNER,
    KEY,
    NAME,
    ATTESTATION,
    CERTIFICATE,
    LOG,
    TIME,
    TRUST,
    POLICY,
    CAPABILITY,
    ORGANISATION,
    PROVENANCE,
    VERDICT,
    # state
    VERSION,
    SCOPE,
    FRESHNESS,
    CLOCK,
    LEDGER,
    CACHE,
    # service
    AGENT,
    CONFIGURATION,
    DELIVERY,
    ISSUE,
    PUBLISH,
    REQUEST,
    RUN,
    WEBHOOK,
    INTERNAL,
)

CATALOGUE: Mapping[str, ReasonCode] = MappingProxyType({row.code: row for rows in _WORDS for row in rows})


def describe(code: str) -> ReasonCode:
    """The catalogue's row for `code`; raises `KeyError` for a code that does not exist."""
    return CATALOGUE[code]
