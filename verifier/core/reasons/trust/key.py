"""Reason codes of private keys, and of other secrets, as they lie on the disk."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning

KEY: tuple[ReasonCode, ...] = (
    error(
        "key.exposed",
        "others may read or change a secret",
        cause="The file of a private key, a passphrase or a token is its owner's, and its permissions let the group or"
        " others in; or it is another's, and may be written to.",
        remedy="chmod 600 FILE; if others may have read it, make a new one.",
        threat="T-411",
    ),
    warning(
        "key.weakly-encrypted",
        "a private key's passphrase is cheap to guess",
        cause="The passphrase is turned into a key by fewer rounds than today's hardware makes it need, as"
        " `openssl genpkey` and older tools do.",
        remedy="Encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000.",
        threat="T-411",
    ),
    undecided(
        "key.malformed",
        "the key cannot be read",
        cause="What was inspected is not one public key in a form that is read, or of a kind that is not used here.",
        remedy="Give one RSA, ECDSA or Ed25519 public key a file; the message says what is there instead.",
        threat="T-411",
    ),
)
