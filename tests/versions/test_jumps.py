"""How far a release may run ahead."""

from __future__ import annotations

import pytest

from verifier.versions.jumps import exceeds, parse_jump
from verifier.versions.schemes import Scheme

# (scheme, max_jump, before, the furthest that is allowed, the nearest that is not)
EDGES = [
    (Scheme.INTEGER, "10", "5", "15", "16"),
    (Scheme.INTEGER, "0", "5", "5", "6"),
    (Scheme.RFC3339, "1d", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:01Z"),
    (Scheme.SIGNED_TIME, "1d", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:01Z"),
    (Scheme.SEMVER, "1.20.50", "1.2.3", "1.22.0", "1.23.0"),
    (Scheme.SEMVER, "1.20.50", "1.2.3", "1.3.50", "1.3.51"),
    (Scheme.SEMVER, "1.20.50", "1.2.3", "2.20.50", "2.21.0"),
    (Scheme.SEMVER, "1.20.50", "1.2.3", "2.0.0", "3.0.0"),
    (Scheme.SEMVER, "1", "1.2.3", "2.999.999", "3.0.0-alpha"),
    (Scheme.CALVER, "1.12.31", "2025.12.31", "2026.1.1", "2027.1.1"),
    (Scheme.PEP440, "1.5", "1.0", "2.5.9", "2.6"),
    (Scheme.PEP440, "1.5", "1.0", "2.0", "1!0.1"),
]


@pytest.mark.parametrize(("scheme", "jump", "before", "allowed", "refused"), EDGES)
def test_a_jump_is_bounded_exactly(scheme, jump, before, allowed, refused):
    parsed = parse_jump(scheme, jump)
    assert not exceeds(parsed, before, before)
    assert not exceeds(parsed, before, allowed)
    assert exceeds(parsed, before, refused)


def test_the_highest_version_there_is_exceeds_every_bound():
    assert exceeds(parse_jump(Scheme.SEMVER, "5.50.500"), "1.0.0", "1.0.18446744073709551615")


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        (Scheme.INTEGER, "1d"),
        (Scheme.RFC3339, "10"),
        (Scheme.SEMVER, "major"),
        (Scheme.SEMVER, "1..2"),
        (Scheme.CALVER, ""),
    ],
)
def test_a_bound_of_another_scheme_is_refused(scheme, text):
    with pytest.raises(ValueError, match=r"."):
        parse_jump(scheme, text)
