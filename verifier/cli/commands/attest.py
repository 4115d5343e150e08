"""`verify attest`: say something about an artifact, signed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.cli.mistakes.predicates import TYPES, no_json, type_of
from verifier.cli.options.contents import Contents
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.options.signing import Signing
from verifier.cli.registries import images
from verifier.cli.running.dry_run import DryRun
from verifier.cli.signers import statement_signer
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from verifier.core.digest import Digest
    from verifier.formats.json.strict_json import JsonValue
    from verifier.publish.leaks.look import Admission, Examined


@spread
def attest(
    *,
    artifact: str = argument(
        "ARTIFACT", "What it is about: a file, a bundle's directory, oci-layout:DIR, or an image in a registry."
    ),
    predicate: Path = option("--predicate", "The predicate: a JSON object."),
    predicate_type: str = option("--type", "The predicate's type: a URI, or cosign's word for one."),
    out: Path = option("--out", "The attestation: a DSSE envelope, or a Sigstore bundle."),
    contents: Contents,
    signing: Signing,
    name: str | None = option("--name", "The subject's name (default: the file's).", default=None),
    dry: DryRun,
) -> int:
    """Attest to an artifact. Signs any predicate, as an in-toto statement, by a key or keyless."""
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.core.limits import MAX_DOCUMENT_BYTES  # noqa: PLC0415
    from verifier.core.uris import STATEMENT_V1  # noqa: PLC0415
    from verifier.files.output import OutputKind  # noqa: PLC0415
    from verifier.files.read import read_regular_file  # noqa: PLC0415
    from verifier.formats.json.strict_json import loads  # noqa: PLC0415
    from verifier.publish.leaks.look import examine_document  # noqa: PLC0415

    here = None if images.is_image(artifact) else Path(artifact)
    if here is not None and name is None:
        inputs.require_named(artifact)
    place = outputs(signing, artifact=artifact, _predicate=predicate).place("--out", out, OutputKind.ATTESTATION)
    said = read_regular_file(predicate, max_bytes=MAX_DOCUMENT_BYTES)
    try:
        value = loads(said, subject=str(predicate))
    except Refused as refusal:
        raise no_json(refusal, said, predicate) from refusal
    if not isinstance(value, dict):
        hint = "Write {...}: only an object can be a predicate."
        raise ConfigurationError("a predicate is a JSON object", where=f"--predicate: {predicate}", hint=hint)
    kind = type_of(predicate_type)
    _require_its_type(value, kind)
    admission = contents.admission(signing)
    looked = [] if here is None else [_examined(here, admission)]
    contents.require_fit(
        *looked, examine_document(said, subject=str(predicate), admission=admission), admission=admission
    )
    digest = Digest.of(looked[0].content) if looked else _resolved(artifact)
    statement = {
        "_type": STATEMENT_V1,
        "subject": [
            {
                "name": name or (images.image_name(artifact) if here is None else here.name),
                "digest": {digest.algorithm: digest.value},
            }
        ],
        "predicateType": kind,
        "predicate": value,
    }
    sign = statement_signer(signing.choice())
    if not dry.stops(f"write {out}, about {digest}"):
        place.write(sign(statement))
        output.hint(f"wrote {out}, about {digest}")
    return output.EXIT_ACCEPTED


def _resolved(reference: str) -> Digest:
    """The digest of the image that a reference stands for."""
    with closing(images.place_of(reference)) as place:
        return place.resolve().digest


def _examined(artifact: Path, admission: Admission) -> Examined:
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.publish.leaks.look import examine, examine_file  # noqa: PLC0415 - as above

    look = examine if artifact.is_dir() else examine_file
    return look(artifact, limits=DEFAULT_LIMITS, admission=admission)


def _require_its_type(predicate: dict[str, JsonValue], kind: str) -> None:
    """Refuse an SBOM under the other format's type: whoever looks for SBOMs of one would find the other."""
    for key, written in (("bomFormat", "cyclonedx"), ("spdxVersion", "spdx")):
        if key in predicate and kind in {TYPES[each] for each in ("cyclonedx", "spdx") if each != written}:
            raise ConfigurationError(f"the predicate is {written}, not {kind}", where="--type", hint=f"Give {written}.")
