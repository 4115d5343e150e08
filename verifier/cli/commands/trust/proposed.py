"""`verify trust init --from`: a policy that is proposed from what one looked at, of which nobody is believed yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.cli.importing.together import write_together
from verifier.core.errors import ConfigurationError
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError
from verifier.inspecting.proposing.policy import Proposal, propose
from verifier.inspecting.proposing.signers import Known
from verifier.signatures import keys
from verifier.trust.parse import parse_policy

if TYPE_CHECKING:
    from verifier.inspecting.inspected import Inspected

_KINDS = ("image", "index", "attestation", "verdict", "bundle", "artifact")


def write_proposed(
    file: Path, seen: Inspected, *, policy_id: str, artifact: str | None, key: str, identity: str, issuer: str
) -> int:
    """Write `file`, proposed from `seen`, and say who has to be confirmed elsewhere; the exit status."""
    if seen.kind not in _KINDS:
        message = f"is {seen.what}; a policy is proposed from a bundle, an image or an attestation"
        raise ConfigurationError(message, where="--from", hint="See what it is: `verify inspect REF`.")
    if bool(identity) != bool(issuer):
        raise ConfigurationError("goes with --certificate-oidc-issuer", where="--certificate-identity")
    known = _known(file, key, identity, issuer)
    proposal = propose(seen, known, policy_id=policy_id, artifact=artifact)
    _require_loads(file, proposal)
    write_together(file, proposal.text, proposal.keys)
    _tell(file, seen, proposal)
    return output.EXIT_ACCEPTED


def _known(file: Path, key: str, identity: str, issuer: str) -> Known:
    if identity:
        return Known(identity=identity, issuer=issuer)
    path = file.parent / key
    if not path.exists():
        return Known(key=key)
    try:
        pem = read_public_key(inputs.read_key(path, where="--key")).pem
    except NoPublicKeyError as error:
        raise ConfigurationError(f"{path} {error}", where="--key", hint=error.hint) from error
    return Known(key=key, pem=pem, fingerprint=keys.fingerprint(keys.load_public_key(pem, where="--key")))


def _require_loads(file: Path, proposal: Proposal) -> None:
    def read(name: str) -> bytes:
        return proposal.keys[name] if name in proposal.keys else inputs.read_key(file.parent / name)

    parse_policy(proposal.text.encode(), where=str(file), read_file=read)


def _tell(file: Path, seen: Inspected, proposal: Proposal) -> None:
    for lack in proposal.lacks:
        output.hint(f"it has {lack}")
    for name in proposal.keys:
        output.hint(
            f"wrote {file.parent / name}, a key that was found beside the artifact and that nobody has confirmed"
        )
    if proposal.unconfirmed:
        names = ", ".join(proposal.unconfirmed)
        output.hint(f"NOTHING IS BELIEVED YET: confirm {names} elsewhere, as the comments in {file} say")
    output.hint(f"wrote {file}, proposed for {proposal.pattern}; run: verify trust check {file}")
    for fault in seen.faults[:5]:
        output.hint(f"not all of it could be read: {fault.code}: {fault.subject}: {fault.message}")
