"""Bounds on everything that hostile input can make large. Lowered freely, raised only by an explicit key."""

from __future__ import annotations

from verifier.core.value import Value, field_names

MAX_MEMBERS = 100_000
"""Members in one archive: the largest public policy bundles have a few thousand."""
MAX_MEMBER_BYTES = 256 * 1024 * 1024
"""Bytes of one member once unpacked; OPA's own limit is 1 GiB."""
MAX_TOTAL_BYTES = 1024 * 1024 * 1024
"""Bytes of the whole archive once unpacked; OPA has no such limit."""
MAX_ARCHIVE_BYTES = 512 * 1024 * 1024
"""Bytes of the archive as it is stored or sent."""
MAX_PATH_BYTES = 1024
"""Bytes of one member's name."""
MAX_PATH_DEPTH = 64
"""Segments in one member's name."""
MAX_JSON_DEPTH = 512
"""Nested arrays and objects in one document; OPA allows 10,000, which is deeper than most parsers' stacks."""
MAX_JSON_VALUES = 2_000_000
"""Values in the JSON and YAML of one bundle, or in one document: 32 KB packed can hold ten million empty arrays, and
each costs a hundred bytes of memory before a signature is looked at."""
MAX_YAML_BYTES = 4 * 1024 * 1024
"""Bytes of YAML in one bundle: reading it takes about a second for each megabyte."""
MAX_RATIO = 1_100
"""Unpacked bytes for each packed byte; deflate itself cannot exceed 1,032."""
MAX_LAYER_BYTES = 4 * 1024 * 1024 * 1024
"""Bytes of one layer of an image once unpacked."""
MAX_IMAGE_BYTES = 8 * 1024 * 1024 * 1024
"""Bytes of all layers of an image once unpacked."""
MAX_IMAGE_ENTRIES = 1_000_000
"""Members of all layers of an image, with the directories that are there by their names alone."""
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Bytes of one signature, attestation or policy document read beside an artifact."""
MAX_MEMORY_BYTES = 224 * 1024 * 1024
"""Bytes of memory that all that is read for one verification may come to, beside some for each byte that was packed
(`core.costs`): counted by what is made, before it is made."""
MAX_STEPS = 2_000_000
"""Steps of work likewise, each about a microsecond."""
MAX_NUMBER = 4_300
"""Characters of one number: Python's own bound for integers, since reading one takes the square of its length."""
MAX_FIELDS = 4_096
"""Members of an object that is read field by field: each is compared with every name that is known."""
MAX_CORRELATION_ID = 128
"""Characters of a correlation id that somebody gives."""
MAX_SIGNATURES = 128
"""Signatures in one envelope, and envelopes beside one artifact: bounds the public-key operations."""
MAX_SUBJECTS = 1_024
"""Subjects in one statement, each with at most 32 digests."""
MAX_ATTESTATIONS = 1_000
"""Attestations given beside one artifact."""
MAX_INPUTS = 1_024
"""What one decision lists as judged, so that it can be judged again: attestations, their trusted root, and the like."""
MAX_DIGESTS = 32
"""Digests of one subject."""
MAX_ENVELOPE_DEPTH = 64
"""Nested arrays and objects in what carries signatures and digests: envelopes, tokens, log entries, manifests."""
MAX_FINDINGS = 100
"""Findings of one kind noted of one artifact or document; more of them tell nobody more."""


class Limits(Value):
    """The bounds in force for one verification; every field is a positive count or a number of bytes."""

    members: int = MAX_MEMBERS
    member_bytes: int = MAX_MEMBER_BYTES
    total_bytes: int = MAX_TOTAL_BYTES
    archive_bytes: int = MAX_ARCHIVE_BYTES
    path_bytes: int = MAX_PATH_BYTES
    path_depth: int = MAX_PATH_DEPTH
    json_depth: int = MAX_JSON_DEPTH
    json_values: int = MAX_JSON_VALUES
    yaml_bytes: int = MAX_YAML_BYTES
    ratio: int = MAX_RATIO
    layer_bytes: int = MAX_LAYER_BYTES
    image_bytes: int = MAX_IMAGE_BYTES
    image_entries: int = MAX_IMAGE_ENTRIES
    document_bytes: int = MAX_DOCUMENT_BYTES
    memory_bytes: int = MAX_MEMORY_BYTES
    steps: int = MAX_STEPS

    def __post_init__(self) -> None:
        for name in field_names(Limits):
            if getattr(self, name) < 1:
                raise ValueError(f"the limit {name} must be at least 1")
        if self.json_depth > MAX_JSON_DEPTH:
            raise ValueError(f"the limit json_depth cannot exceed {MAX_JSON_DEPTH}")

    def raised(self) -> tuple[str, ...]:
        """Names of the limits that stand above their defaults."""
        return tuple(name for name in field_names(Limits) if getattr(self, name) > getattr(DEFAULT_LIMITS, name))


DEFAULT_LIMITS = Limits()
