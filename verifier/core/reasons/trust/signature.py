"""Reason codes of signatures, and how many are needed."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning

SIGNATURE: tuple[ReasonCode, ...] = (
    warning(
        "signature.replaced",
        "the signature inside is replaced",
        cause="OPA has room for one signatures file in a bundle, and somebody had signed it before.",
        remedy="Sign beside the bundle (--detached) where both signatures are to count.",
        threat="T-412",
    ),
    error(
        "signature.missing",
        "there is no signature",
        cause="The policy requires signatures and none was found in the bundle or beside it.",
        remedy="Sign it (`verify sign`), or pass the attestation with --attestation.",
        threat="T-201",
    ),
    error(
        "signature.invalid",
        "a signature does not verify",
        cause="The bytes were changed, another key made it, or it is malformed.",
        remedy="Check that key and file are the ones that belong together; if they are, fetch both again.",
        threat="T-201",
    ),
    error(
        "signature.threshold-not-met",
        "too few distinct trusted signers",
        cause="The policy asks for k signatures by different keys; fewer were proven.",
        remedy="Collect the missing signatures; the report lists who has signed.",
        threat="T-211",
    ),
    error(
        "signature.algorithm-mismatch",
        "the signature is by another algorithm than its key's",
        cause="What the header says, or the hash or padding that the key signed with, is not what the key is for.",
        remedy="Give the key that it was signed with, or sign with the algorithm of this one.",
        threat="T-210",
    ),
    warning(
        "signature.deprecated-hash",
        "a signature has a hash that does not go with its key's curve",
        cause="A P-384 or P-521 key signed with SHA-256, as cosign before 2.6 and keys in a KMS do. It counts where "
        "the policy says so (`algorithms`), and of a certificate's key.",
        remedy="Sign with SHA-384 for P-384, SHA-512 for P-521; then take the name out of `algorithms`.",
        threat="T-210",
    ),
    error(
        "signature.unsupported",
        "the signature asks for something that is not supported",
        cause="A critical header, an unknown algorithm, an excluded-files list or an unknown envelope type.",
        remedy="Sign with `opa sign` or `verify sign` and their defaults.",
        threat="T-210",
    ),
    error(
        "signature.scope-mismatch",
        "the signature was made for another scope",
        cause="The `scope` claim is not exactly the one that the policy demands.",
        remedy="Sign with the right scope; a bundle of another service may have been put in this one's place.",
        threat="T-210",
    ),
    error(
        "signature.wrong-repository",
        "the signature is for another repository",
        cause="It was made for an image in one repository, and lies beside one in another: a copied signature says "
        "nothing of where it was copied to.",
        remedy="Sign the image where it is, or name the repository that is meant (`signatures.repository`).",
        threat="T-219",
    ),
    error(
        "signature.format-not-accepted",
        "the signature is in a format that the rule does not accept",
        cause="`signatures.formats` names the formats that count; this one is another.",
        remedy="Sign again in an accepted format (cosign's default is `bundle`), or accept this one in the rule.",
        threat="T-210",
    ),
    error(
        "signature.claim-mismatch",
        "the signature lacks a claim that the rule demands",
        cause="`signatures.claims` names claims and what they must be; this signature was made without one of them, or "
        "with another value.",
        remedy="Sign with the claim (`cosign sign -a NAME=VALUE`), or take it out of the rule.",
        threat="T-210",
    ),
    undecided(
        "signature.too-many",
        "more is attached than is judged",
        cause="What refers to the artifact are more candidates than anybody attaches: the signature that counts may be "
        "behind those that were looked at.",
        remedy="Remove what does not belong there, or give the signature itself with --attestation.",
        threat="T-213",
    ),
    warning(
        "signature.legacy-format",
        "the signature is in cosign's old format",
        cause="It lies under a tag that anybody who may push can move, and its claims are not a statement.",
        remedy='Sign with the bundle format (cosign 3\'s default), and set signatures.formats = ["bundle"].',
        threat="T-210",
    ),
)
