"""`verify trust import`: a policy of ours from what another tool's policy says."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import inputs, output
from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.text.shown import shown


@spread
def import_policy(
    *,
    source: str = argument(
        "FILE|COMMAND",
        "A ClusterImagePolicy, a Kyverno policy, a configuration of OPA; or slsa-verifier or cosign, with its flags "
        "behind --.",
    ),
    words: tuple[str, ...] = argument("[-- FLAGS]", "With a command: its flags.", default=()),
    file: Path = option("--out", "Where the policy is written.", default=Path("trust.toml")),
    keys: str = option(
        "--keys-dir", "Where keys are written that the source holds, relative to the policy.", default="keys"
    ),
    policy_id: str = option("--id", "The policy's id (a URI).", default="https://example.org/policy/imported"),
    artifact: str | None = option("--artifact", "With a command: kind:name of the rule.", default=None),
    accept_weaker: bool = option(
        "--accept-weaker",
        "Import also what would let more pass than the source; otherwise it is denied.",
        default=False,
    ),
) -> int:
    """Import another tool's policy. What has no equal here is said in comments and on standard error; what would let
    more pass than the source is denied, unless that is accepted by name. Existing files are never overwritten."""
    from verifier.cli.importing.written import write_imported  # noqa: PLC0415 - once the command line is right
    from verifier.trust.importing.table import COMMANDS, from_document, from_flags  # noqa: PLC0415 - as above

    if source in COMMANDS:
        draft = from_flags(source, words, artifact=artifact, folder=keys, read_key=_read_key)
    else:
        if words or artifact is not None:
            where = "FLAGS" if words else "--artifact"
            raise ConfigurationError(f"goes with {' or '.join(COMMANDS)}", where=where)
        try:
            draft = from_document(inputs.read_key(Path(source), limit=_MOST), where=shown(source), folder=keys)
        except Refused as refusal:
            first = refusal.reasons[0]
            raise ConfigurationError(first.message, where=first.subject, hint=first.hint, code=first.code) from refusal
    write_imported(draft, file, policy_id=policy_id, accept_weaker=accept_weaker)
    return output.EXIT_ACCEPTED


def _read_key(name: str) -> bytes:
    return inputs.read_key(Path(name), where="--key")


_MOST = 1024 * 1024 + 1
"""Bytes of what is imported: one more than is read, so that what is too large is said by who reads it."""
