"""Reason codes of what must not be signed and published with the rest."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning

_AWAY = "Keep it outside of what is signed. What belongs there is let in, aloud, by `--include PATTERN`."
_BURNT = (
    "Take it out; where it was published before, revoke it. What is none, or a test's, is let in, aloud, by"
    " `--include PATTERN`."
)

LEAK: tuple[ReasonCode, ...] = (
    error(
        "leak.private-key",
        "a private key would be signed and published",
        cause="A file holds a private key, as PEM, DER, JWK, OpenSSH, PGP, PKCS #12, age or in another form, or is"
        " one that an option of this run names.",
        remedy=_BURNT,
        threat="T-410",
    ),
    error(
        "leak.credentials",
        "credentials would be signed and published",
        cause="A file's name or content is that of a token, a password or a store of them.",
        remedy=_BURNT,
        threat="T-410",
    ),
    error(
        "leak.environment",
        "an environment file would be signed and published",
        cause="`.env` files and their kin hold the secrets of who works there.",
        remedy=_AWAY,
        threat="T-410",
    ),
    error(
        "leak.version-control",
        "a repository's own files would be signed and published",
        cause="`.git` and its kin hold the whole history, and often the token of whoever checked it out.",
        remedy=_AWAY,
        threat="T-410",
    ),
    error(
        "leak.editor",
        "what an editor or a desktop left behind would be signed and published",
        cause="Backups, swap files and settings of an editor hold what was never meant to be published.",
        remedy=_AWAY,
        threat="T-410",
    ),
    error(
        "leak.hidden",
        "a hidden file would be signed and published",
        cause="Of what begins with a dot, only `.manifest` and `.signatures.json` belong to a bundle.",
        remedy=_AWAY,
        threat="T-410",
    ),
    undecided(
        "leak.unexamined",
        "a packed file within what is signed cannot be looked at",
        cause="An archive, or a compressed file, hides what it holds; OPA loads nothing of it.",
        remedy=_AWAY,
        threat="T-410",
    ),
    warning(
        "leak.included",
        "something was let in that is not signed otherwise",
        cause="`--include` named it.",
        remedy="Nothing, where it is meant; else leave the option away.",
        threat="T-410",
    ),
)
