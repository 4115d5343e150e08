"""What people type that is no command or option here, and what is there in its place; read after a mistake only."""

from __future__ import annotations

import re
from typing import Final

from verifier.cli.mistakes.audit_words import AUDIT, DATABASE, MISSING
from verifier.cli.mistakes.kept_words import LEDGER, SERVE
from verifier.cli.mistakes.other_commands import COMMANDS

_SAYING: Final = "Say more with --verbose, or less with --quiet; everything that is known is in `--format json`."
_NO_WAY: Final = "Leave it away: no option switches a check off. What is denied says what to mend."
_OPTIONS: Final = {
    "-v": "The version is `verify --version`; everything that is known is in `--format json`.",
    "-V": "The version is `verify --version`.",
    "-q": "The exit status is the answer: send standard output to /dev/null.",
    "--quiet": "The exit status is the answer: send standard output to /dev/null.",
    "--verbose": "Everything that is known is in `--format json`.",
    "--json": "It is `--format json`.",
    "-o": "Reports are chosen by --format; what is made is written by --out.",
    "--output": "Reports are chosen by --format; what is made is written by --out.",
    "--tag": "The tag stands in the reference: registry/repository:TAG.",
    "--sbom": "An SBOM is checked by `verify sbom check`, and attached by `verify publish REF --attach FILE`.",
    "--yes": "Nothing is asked here: leave it away.",
    "-y": "Nothing is asked here: leave it away.",
    "-r": "An index signs all that it lists: leave it away.",
    "-k": "A key is given with --key, in full.",
    "-p": "A policy is given with --policy, in full and with two dashes.",
    "--log-level": _SAYING,
    "--debug": _SAYING,
    **dict.fromkeys(("--force", "--skip-verify", "--skip-verification", "--no-verify", "--insecure"), _NO_WAY),
    "--keyfile": "A key is given with --key.",
    "--public-key": "A key is given with --key.",
    "--verification-key": "A key is given with --key.",
    "--verification-key-id": "A key's id is checked by the policy: kid in [signers.NAME].",
    "--provenance-path": "Provenance is given with --attestation.",
    "--signature-file": "A signature is given with --signature.",
    "--insecure-ignore-tlog": "Nothing turns a check off: with --key no log is asked.",
    "--dry-run": "Looking records nothing: leave it away.",
    "--password": "A passphrase is given with --passphrase-file FILE.",
    "--certificate-identity": "It is --cert-identity here.",
    "--certificate-oidc-issuer": "It is --cert-oidc-issuer here.",
}
_CHECK: Final = "An SBOM is checked by `verify sbom check SBOM --against TARGET`."
_GENERATE: Final = "An SBOM is made by `verify sbom generate TARGET --output FILE`."
_WRITTEN: Final = "The document is written to --output FILE, in the format that --as names."
_JUDGING: Final = ("bundle", "image", "artifact")
_ELSEWHERE: Final = {
    "verify publish": {"--policy": "The policy that `verify publish` judges by is --gate POLICY."},
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
    **{
        f"verify {each}": {
            "--db": "A database of records is given with --advisories FILE.",
            "-b": f"Leave it away, and name the file as it is: `verify {each} REF --policy trust.toml`.",
        }
        for each in _JUDGING
    },
    "verify serve": SERVE,
    "verify ledger": LEDGER,
    "verify audit": AUDIT,
    "verify audit db": DATABASE,
}
"""What a word means behind the commands that stand before it, where that is something else."""
_GROUPS: Final = {
    "verify sign": "Say what it is: `verify sign bundle {0}`, `verify sign artifact {0}` or `verify sign image {0}`.",
    "verify sbom": "Say what to do: `verify sbom generate {0}`, or `verify sbom check SBOM --against {0}`.",
    "verify ledger": "Say what to do, as in `verify ledger show`.",
    "verify trust": "Say what to do, as in `verify trust check {0}`.",
    "verify key": "Say what to do, as in `verify key generate {0}`.",
}
"""What was meant behind a group, where its command was left out."""
_KINDS: Final = "Say what it is: `verify bundle {0}`, `verify image {0}` or `verify artifact {0}`."
_FILE: Final = re.compile(r"[./:@]")
_SECOND: Final = {
    "verify sbom check": "What the SBOM is about is given with --against TARGET.",
    "verify serve": "A configuration is given with `--config gateway.toml`.",
}
"""What an argument more than a command takes was meant as."""
_QUOTED: Final = re.compile(r"No such (command|option):? '?(-{0,2}[\w./:@-]+)'?", re.ASCII)
_LACKING: Final = re.compile(r"Missing option '(--[\w-]+)'", re.ASCII)


def is_known_there(word: str, where: str) -> bool:
    """Whether there is something of its own to say of `word` behind `where`."""
    return word.lower() in _ELSEWHERE.get(where, {}) or word in _ELSEWHERE.get(where, {})


def in_its_place(message: str, commands: tuple[str, ...], where: str) -> str:
    """What to type in the place of what typer's `message` says is not there, behind `where`; "" where nobody knows."""
    if message.startswith("Got unexpected extra argument"):
        return _SECOND.get(where, "Leave it away, or name the option that it belongs to.")
    if lacking := _LACKING.match(message):
        return MISSING.get((where, lacking[1]), "")
    found = _QUOTED.match(message)
    if found is None:
        return ""
    kind, word = found.groups()
    if kind == "option":
        return _ELSEWHERE.get(where, {}).get(word) or _OPTIONS.get(word, "")
    known = _ELSEWHERE.get(where, {}).get(word.lower()) or COMMANDS.get(word.lower(), "")
    meant = _GROUPS.get(where, _KINDS if _FILE.search(word) else "").format(word)
    return known or f"{meant} Commands: {', '.join(commands)}.".lstrip()
