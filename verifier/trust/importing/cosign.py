"""cosign's flags (`verify`, `verify-attestation`, `verify-blob`, `verify-blob-attestation`).

* a key in a file is read by whoever imports, and written into the policy by its path
* cosign wants a key's signature in its log; here it counts without, which is weaker, and said

Source: cosign `doc/cosign_verify.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.trust.importing.draft import Draft, Names, Party, Remark, Wanted, key_party, keyless_party, quoted
from verifier.trust.importing.flags import Flags, read_flags
from verifier.trust.importing.images import of_kyverno
from verifier.trust.importing.policy_controller import UNORDERED
from verifier.trust.vocabulary import is_plain_name

_COMMANDS: Final = {
    "verify": "image",
    "verify-attestation": "image",
    "verify-blob": "artifact",
    "verify-blob-attestation": "artifact",
}
_CLAIMS: Final = {
    "--certificate-github-workflow-repository": "repository",
    "--certificate-github-workflow-ref": "ref",
    "--certificate-github-workflow-sha": "digest",
    "--certificate-github-workflow-trigger": "trigger",
}
_OWN: Final = frozenset(
    {
        *("--ca-roots", "--ca-intermediates", "--certificate-chain", "--cert-chain", "--certificate", "--cert"),
        *("--timestamp-certificate-chain", "--trusted-root"),
    }
)
_HARMLESS: Final = frozenset(
    {
        *("--output", "-o", "--output-file", "--signature", "--bundle", "--max-workers", "--rekor-url"),
        *("--registry-username", "--registry-password", "--registry-token", "--k8s-keychain", "--attachment"),
    }
)
_VALUED: Final = frozenset(
    {
        *("--key", "--certificate-identity", "--certificate-identity-regexp", "--certificate-oidc-issuer"),
        *("--certificate-oidc-issuer-regexp", "--certificate-github-workflow-name", "-a", "--annotations", "--type"),
        *("--policy", "--signature-digest-algorithm", *_CLAIMS, *_OWN, *_HARMLESS),
    }
)
_SWITCHES: Final = frozenset(
    {
        *("--insecure-ignore-tlog", "--insecure-ignore-sct", "--offline", "--private-infrastructure", "--check-claims"),
        *("--new-bundle-format", "--use-signed-timestamps", "--local-image", "--allow-insecure-registry"),
        *("--allow-http-registry", "--experimental-oci11"),
    }
)

_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
"""What Go reads as true (`strconv.ParseBool`)."""


def read(words: Sequence[str], *, artifact: str | None, folder: str, read_key: Callable[[str], bytes]) -> Draft:
    """The draft of a command line; `read_key` reads the file of a key. Raises `ConfigurationError`."""
    flags = read_flags(words, valued=_VALUED, switches=_SWITCHES)
    plain = [each for each in flags.words if each != "cosign"]
    command = plain.pop(0) if plain and plain[0] in _COMMANDS else "verify"
    made = list(_parties(flags, folder, read_key))
    rule = Wanted(
        pattern=artifact or _pattern(_COMMANDS[command], plain),
        origin=f"cosign {command}",
        parties=tuple(each for each in made if isinstance(each, Party)),
        signatures=tuple(_claims(flags)),
        lines=(UNORDERED,),
        remarks=(*flags.remarks, *(each for each in made if isinstance(each, Remark)), *_of_flags(flags, command)),
    )
    return Draft(source="cosign's flags", rules=(rule,))


def _pattern(kind: str, plain: Sequence[str]) -> str:
    if len(plain) != 1:
        raise ConfigurationError("say what it is called, as in image:registry.acme.example/app", where="--artifact")
    if kind == "image":
        return of_kyverno(plain[0]).pattern
    name = plain[0].rpartition("/")[2]
    if not is_plain_name(name):
        raise ConfigurationError("say what it is called, as in artifact:app", where="--artifact")
    return f"artifact:{name}"


def _parties(flags: Flags, folder: str, read_key: Callable[[str], bytes]) -> Iterator[Party | Remark]:
    names, key = Names(), flags.one("--key")
    if key:
        yield _by_key(key, flags, names, folder, read_key)
        return
    own = [each for each in _OWN if flags.values.get(each)]
    if own:
        message = "an instance or a certificate of one's own: give its trusted root in [sigstore], and add the signer"
        yield Remark(effect="not imported", where=own[0], message=message)
        return
    claims = [(claim, flags.one(name)) for name, claim in _CLAIMS.items() if flags.values.get(name)]
    yield keyless_party(
        names.fresh("signer"),
        where="--certificate-identity",
        issuer=flags.one("--certificate-oidc-issuer"),
        issuer_regexp=flags.one("--certificate-oidc-issuer-regexp"),
        identity=_exact(flags.one("--certificate-identity")),
        identity_regexp=flags.one("--certificate-identity-regexp"),
        claims=[(claim, f"https://github.com/{said}" if claim == "repository" else said) for claim, said in claims],
    )


def _exact(identity: str) -> str:
    return "" if "*" in identity else identity


def _by_key(key: str, flags: Flags, names: Names, folder: str, read_key: Callable[[str], bytes]) -> Party | Remark:
    if "://" in key or key.startswith(("env:", "k8s:", "pkcs11:", "azurekms:", "awskms:", "gcpkms:", "hashivault:")):
        message = "the key is elsewhere: write its public half to a file (`cosign public-key --key ...`)"
        return Remark(effect="not imported", where="--key", message=message)
    ignored = flags.values.get("--insecure-ignore-tlog") or flags.values.get("--private-infrastructure")
    remarks = []
    if not ignored or not _TRUE.issuperset(ignored):
        message = "the signature had to be in a transparency log; a key's signature counts without one here"
        remarks.append(Remark(effect="weaker", where="--key", message=message))
    return key_party(
        names.fresh("signer"), read_key(key).decode("latin-1"), where="--key", folder=folder, remarks=remarks
    )


def _claims(flags: Flags) -> Iterator[tuple[str, str]]:
    said = [each.partition("=") for name in ("-a", "--annotations") for each in flags.values.get(name, ())]
    if said:
        yield "claims", f"{{ {', '.join(f'{quoted(name)} = {quoted(value)}' for name, _, value in said)} }}"


def _of_flags(flags: Flags, command: str) -> Iterator[Remark]:
    if command.endswith("attestation"):
        kind = flags.one("--type") or "custom"
        message = f"an attestation of type {kind} had to be there; here a plain signature suffices"
        yield Remark(effect="weaker", where="--type", message=message)
    for name in ("--policy", "--certificate-github-workflow-name", "--signature-digest-algorithm"):
        if flags.values.get(name):
            yield Remark(effect="weaker", where=name, message="has no equal here")
    for name in ("--insecure-ignore-tlog", "--insecure-ignore-sct"):
        if flags.values.get(name) and not flags.values.get("--key"):
            message = "here a keyless signature needs a proven time, and a certificate its log"
            yield Remark(effect="stronger", where=name, message=message)
