"""`verify trust init --from`: a policy that fits a bundle which one already has."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from verifier.cli import inputs, output, references
from verifier.cli.judging import engines
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS
from verifier.files.write import write_new_file
from verifier.kinds.bundle.artifact import SIGNATURES_FILE
from verifier.net.access import Access
from verifier.publish.fitted import Asked, fitted_policy
from verifier.sources.content import read_content
from verifier.trust.model import TrustPolicy
from verifier.trust.parse import parse_policy

_BUNDLES = (".tar.gz", ".tgz")
"""Names of bundles: what is none under such a name is refused as a bundle is, with what is wrong with it."""


def write_from(
    file: Path,
    reference: str,
    named: tuple[str, str],
    *,
    policy_id: str,
    artifact: str | None,
    key: str,
    now: datetime,
) -> int:
    """Write `file` from what `reference` names: a bundle that the key verifies has to pass under it; of whatever else
    is there it is proposed. `named` are the identity and the issuer that somebody knows of."""
    from verifier.cli.inspecting.looking import look_at  # noqa: PLC0415 - once there is something

    seen = look_at(reference)
    signed_inside = any(each.where == SIGNATURES_FILE for each in seen.described.claims)
    bundle = seen.kind == "bundle" and (signed_inside or not seen.described.claims)
    if not any(named) and (bundle or (seen.kind in {"file", "archive"} and reference.endswith(_BUNDLES))):
        return write_fitted(file, reference, policy_id=policy_id, artifact=artifact, key=key, now=now)
    from verifier.cli.commands.trust.proposed import write_proposed  # noqa: PLC0415 - most are bundles

    identity, issuer = named
    return write_proposed(file, seen, policy_id=policy_id, artifact=artifact, key=key, identity=identity, issuer=issuer)


def write_fitted(file: Path, bundle: str, *, policy_id: str, artifact: str | None, key: str, now: datetime) -> int:
    """Write `file`, a policy under which `bundle` passes, and say what the bundle could not give it."""
    if artifact is not None and (not artifact.startswith("bundle:") or artifact.endswith("*")):
        raise ConfigurationError("names one bundle with --from, as in bundle:authz", where="--artifact")

    def parse(text: str) -> TrustPolicy:
        return parse_policy(text.encode(), where=str(file), read_file=lambda name: inputs.read_key(file.parent / name))

    asked = Asked(
        key=key,
        pem=inputs.read_key(file.parent / key, where="--key"),
        called=references.name_of(bundle),
        artifact=artifact,
        policy_id=policy_id,
        now=now,
    )
    content = _content(bundle)
    fitted = fitted_policy(content, asked, parse=parse, rego=engines.rego_engine("auto"))
    write_new_file(file, fitted.text.encode(), mode=0o644)
    for lack in fitted.lacks:
        output.hint(f"the bundle has {lack}")
    output.hint(f"wrote {file}, under which {bundle} passes as {fitted.artifact}; run: verify trust check {file}")
    return output.EXIT_ACCEPTED


def _content(bundle: str) -> bytes:
    """The bundle's bytes, from wherever it is."""
    from verifier.cli.inspecting.looking import access_to  # noqa: PLC0415 - as above
    from verifier.sources.upstream import fetched_once, open_upstream  # noqa: PLC0415 - as above

    if "://" not in bundle:
        return read_content(Path(bundle), limits=DEFAULT_LIMITS)
    upstream = open_upstream(bundle, access=access_to(bundle) or Access(), limits=DEFAULT_LIMITS)
    with closing(upstream):
        return fetched_once(upstream).fetch()
