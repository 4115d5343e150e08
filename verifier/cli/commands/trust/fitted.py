"""`verify trust init --from`: a policy that fits a bundle which one already has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from verifier.cli import inputs, output
from verifier.cli.judging import engines
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS
from verifier.files.write import write_new_file
from verifier.publish.fitted import Asked, fitted_policy
from verifier.sources.content import read_content
from verifier.trust.model import TrustPolicy
from verifier.trust.parse import parse_policy


def write_fitted(file: Path, bundle: Path, *, policy_id: str, artifact: str | None, key: str, now: datetime) -> int:
    """Write `file`, a policy under which `bundle` passes, and say what the bundle could not give it."""
    if "://" in str(bundle) or ":/" in str(bundle):
        raise ConfigurationError("an address is not fetched here: fetch the bundle, and give its file", where="--from")
    if artifact is not None and (not artifact.startswith("bundle:") or artifact.endswith("*")):
        raise ConfigurationError("names one bundle with --from, as in bundle:authz", where="--artifact")

    def parse(text: str) -> TrustPolicy:
        return parse_policy(text.encode(), where=str(file), read_file=lambda name: inputs.read_key(file.parent / name))

    asked = Asked(
        key=key,
        pem=inputs.read_key(file.parent / key, where="--key"),
        called=inputs.name_of(str(bundle)),
        artifact=artifact,
        policy_id=policy_id,
        now=now,
    )
    content = read_content(bundle, limits=DEFAULT_LIMITS)
    fitted = fitted_policy(content, asked, parse=parse, rego=engines.rego_engine("auto"))
    write_new_file(file, fitted.text.encode(), mode=0o644)
    for lack in fitted.lacks:
        output.hint(f"the bundle has {lack}")
    output.hint(f"wrote {file}, under which {bundle} passes as {fitted.artifact}; run: verify trust check {file}")
    return output.EXIT_ACCEPTED
