"""An imported policy and its keys, as files: all of them new, and only once the policy loads."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import inputs, output
from verifier.cli.importing.together import write_together
from verifier.core.digest import Digest
from verifier.formats.keys.text import der_in_usual_pem
from verifier.trust.importing.draft import Draft
from verifier.trust.importing.writing import written
from verifier.trust.parse import parse_policy


def write_imported(draft: Draft, file: Path, *, policy_id: str, accept_weaker: bool) -> None:
    """Write the policy and the keys that it names, and say what has no equal; `ConfigurationError` where a file is
    there already, or the policy would not load."""
    text = written(draft, policy_id=policy_id, accept_weaker=accept_weaker)
    keys = dict(party.key for party in draft.parties if party.key is not None)
    _require_loads(text, file, keys)
    write_together(file, text, keys)
    _tell(draft, file, keys, accept_weaker=accept_weaker)


def _require_loads(text: str, file: Path, keys: dict[str, bytes]) -> None:
    def read(name: str) -> bytes:
        return keys[name] if name in keys else inputs.read_key(file.parent / name)

    parse_policy(text.encode(), where=str(file), read_file=read)


def _tell(draft: Draft, file: Path, keys: dict[str, bytes], *, accept_weaker: bool) -> None:
    for remark in draft.all_remarks():
        output.hint(f"{remark.effect}: {remark.where}: {remark.message}")
    for name, content in keys.items():
        der = der_in_usual_pem(content)
        output.hint(f"wrote {file.parent / name}" + (f", {Digest.of(der)}" if der is not None else ""))
    denied = [each.pattern for each in draft.rules if each.is_denied(accept_weaker=accept_weaker)]
    for pattern in denied:
        output.hint(f"DENIED: {pattern}: see the comment at its rule; --accept-weaker accepts what is weaker")
    rules = f"{len(draft.rules)} rules, {len(denied)} of them denied"
    output.hint(f"wrote {file} with {rules}; run: verify trust check {file}")
