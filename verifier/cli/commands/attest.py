"""`verify attest`: say something about an artifact, signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import identities, output
from verifier.cli.options import shared as o
from verifier.cli.options import signing as so
from verifier.cli.signers import Who, statement_signer
from verifier.core.errors import ConfigurationError


def attest(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT", help="The file (or bundle directory) it is about.")],
    predicate: Annotated[Path, typer.Option("--predicate", help="The predicate: a JSON object.")],
    predicate_type: Annotated[str, typer.Option("--type", help="The predicate's type (a URI).")],
    out: Annotated[Path, typer.Option("--out", help="The attestation: a DSSE envelope, or a Sigstore bundle.")],
    key: so.StatementKey = None,
    keyless: so.Keyless = False,
    identity_token: so.IdentityToken = None,
    trusted_root: o.TrustedRoot = "production",
    signing_config: so.SigningConfig = None,
    name: Annotated[str | None, typer.Option("--name", help="The subject's name (default: the file's).")] = None,
    passphrase_file: so.PassphraseFile = None,
    keyid: so.KeyId = None,
) -> int:
    """Attest to an artifact. Signs any predicate, as an in-toto statement, by a key or keyless."""
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.core.limits import DEFAULT_LIMITS, MAX_DOCUMENT_BYTES  # noqa: PLC0415
    from verifier.core.uris import STATEMENT_V1  # noqa: PLC0415
    from verifier.files.read import read_regular_file  # noqa: PLC0415
    from verifier.files.write import replace_file  # noqa: PLC0415
    from verifier.formats.json.strict_json import loads  # noqa: PLC0415
    from verifier.sources.content import read_content  # noqa: PLC0415

    value = loads(read_regular_file(predicate, max_bytes=MAX_DOCUMENT_BYTES), subject=str(predicate))
    if not isinstance(value, dict):
        raise ConfigurationError("a predicate is a JSON object", where=str(predicate))
    digest = Digest.of(read_content(artifact, limits=DEFAULT_LIMITS))
    statement = {
        "_type": STATEMENT_V1,
        "subject": [{"name": name or artifact.name, "digest": {digest.algorithm: digest.value}}],
        "predicateType": predicate_type,
        "predicate": value,
    }
    who = Who(
        key=key,
        keyless=keyless,
        passphrase_file=passphrase_file,
        keyid=keyid,
        identity_token=identity_token,
        sigstore=identities.sigstore(trusted_root, refresh=False),
        signing_config=signing_config,
    )
    replace_file(out, statement_signer(who)(statement))
    output.hint(f"wrote {out}")
    return output.EXIT_ACCEPTED
