"""What people type that is no command or option here, and what is there in its place; read after a mistake only."""

from __future__ import annotations

import re
from typing import Final

from verifier.cli.mistakes.audit_words import AUDIT, DATABASE, MISSING

_PUBLISH: Final = "A bundle or an image is pushed by `verify publish SOURCE REF`."
_COMMANDS: Final = {
    "container": "An image is `verify image REF`.",
    "blob": "A file is `verify artifact FILE --attestation FILE`.",
    "file": "A file is `verify artifact FILE --attestation FILE`.",
    "verify-blob": "A file is `verify artifact FILE --attestation FILE`.",
    "attestation": "An attestation is given beside its artifact: `verify artifact FILE --attestation FILE`.",
    "verify-attestation": "An attestation is given beside its artifact: `verify artifact FILE --attestation FILE`.",
    "provenance": "Provenance stands beside its artifact: `verify artifact FILE --attestation FILE --builder-id URI`.",
    "vsa": "A verification summary is `verify verdict FILE`.",
    "bom": "An SBOM is `verify sbom check SBOM --against TARGET`; one is made by `verify sbom generate TARGET`.",
    "log": "What was decided is in the ledger: `verify ledger history`.",
    "history": "What was decided is in the ledger: `verify ledger history`.",
    "init": "A ledger is made by `verify ledger init`, a policy by `verify trust init`.",
    "keygen": "A key pair is made by `verify key generate`.",
    "generate-key-pair": "A key pair is made by `verify key generate`.",
    "policy": "A policy is checked by `verify trust check`, and made by `verify trust init`.",
    "attach": "Evidence is attached by `verify publish REF --attach FILE`.",
    "push": _PUBLISH,
    "upload": _PUBLISH,
    "copy": "To copy an image with what signs it: `oras cp -r`, or `regctl image copy --referrers --digest-tags`.",
    "save": "To save an image with what signs it: `oras cp -r REF --to-oci-layout DIR:TAG`.",
    "tree": "What lies beside an image is listed by `oras discover` or `cosign tree`, and judged by `verify image`.",
    "login": "Log in with `docker login`, `podman login` or `crane auth login`: the same file is read here.",
    "check": "A bundle is `verify bundle FILE`; a policy is `verify trust check`.",
    "verify": "Leave the second `verify` away: `verify image REF`, `verify bundle FILE`.",
}
_OPTIONS: Final = {
    "-v": "The version is `verify --version`; everything that is known is in `--format json`.",
    "-V": "The version is `verify --version`.",
    "-q": "The exit status is the answer: send standard output to /dev/null.",
    "--quiet": "The exit status is the answer: send standard output to /dev/null.",
    "--verbose": "Everything that is known is in `--format json`.",
    "--json": "It is `--format json`.",
    "-o": "Reports are chosen by --format; what is made is written by --out.",
    "--output": "Reports are chosen by --format; what is made is written by --out.",
    "--policy": "The policy that `verify publish` judges by is --gate POLICY.",
    "--tag": "The tag stands in the reference: registry/repository:TAG.",
    "--sbom": "An SBOM is checked by `verify sbom check`, and attached by `verify publish REF --attach FILE`.",
    "--yes": "Nothing is asked here: leave it away.",
    "-y": "Nothing is asked here: leave it away.",
    "-r": "An index signs all that it lists: leave it away.",
    "-k": "A key is given with --key, in full.",
    "--keyfile": "A key is given with --key.",
    "--public-key": "A key is given with --key.",
    "--certificate-identity": "It is --cert-identity here.",
    "--certificate-oidc-issuer": "It is --cert-oidc-issuer here.",
}
_CHECK: Final = "An SBOM is checked by `verify sbom check SBOM --against TARGET`."
_GENERATE: Final = "An SBOM is made by `verify sbom generate TARGET --output FILE`."
_WRITTEN: Final = "The document is written to --output FILE, in the format that --as names."
_JUDGING: Final = ("bundle", "image", "artifact")
_ELSEWHERE: Final = {
    "verify sbom": {
        "verify": _CHECK,
        "validate": _CHECK,
        "quality": "What an SBOM has to say is asked by `verify sbom check SBOM --quality NAME`.",
        "create": _GENERATE,
        "make": _GENERATE,
        "scan": _GENERATE,
        "sign": "An SBOM is signed by `verify attest ARTIFACT --type cyclonedx --predicate SBOM --key KEY`.",
        "attest": "An SBOM is signed by `verify attest ARTIFACT --type cyclonedx --predicate SBOM --key KEY`.",
        "compare": "Two SBOMs are compared by `verify sbom diff OLD NEW`.",
    },
    "verify sbom generate": {"-o": _WRITTEN, "--out": _WRITTEN, "--format": _WRITTEN, "-f": _WRITTEN},
    "verify sbom diff": {"-o": "How it is shown is chosen by --format; it goes to standard output."},
    "verify sbom check": {"-o": "How it is shown is chosen by --format; it goes to standard output."},
    **{f"verify {each}": {"--db": "A database of records is given with --advisories FILE."} for each in _JUDGING},
    "verify audit": AUDIT,
    "verify audit db": DATABASE,
}
"""What a word means behind the commands that stand before it, where that is something else."""
_SECOND: Final = {"verify sbom check": "What the SBOM is about is given with --against TARGET."}
"""What an argument more than a command takes was meant as."""
_QUOTED: Final = re.compile(r"No such (command|option):? '?(-{0,2}[\w.-]+)'?", re.ASCII)
_LACKING: Final = re.compile(r"Missing option '(--[\w-]+)'", re.ASCII)


def is_known_there(word: str, where: str) -> bool:
    """Whether there is something of its own to say of `word` behind `where`."""
    return word.lower() in _ELSEWHERE.get(where, {}) or word in _ELSEWHERE.get(where, {})


def in_its_place(message: str, commands: tuple[str, ...], where: str) -> str:
    """What to type in the place of what typer's `message` says is not there, behind `where`; "" where nobody knows."""
    if message.startswith("Got unexpected extra argument"):
        return _SECOND.get(where, "")
    if lacking := _LACKING.match(message):
        return MISSING.get((where, lacking[1]), "")
    found = _QUOTED.match(message)
    if found is None:
        return ""
    kind, word = found.groups()
    if kind == "option":
        return _ELSEWHERE.get(where, {}).get(word) or _OPTIONS.get(word, "")
    known = _ELSEWHERE.get(where, {}).get(word.lower()) or _COMMANDS.get(word.lower(), "")
    return f"{known} Commands: {', '.join(commands)}.".lstrip()
