"""File digests: exactly what the signature lists, no more and no less."""

from dataclasses import replace

import pytest

from tests.support.inspections import blob, denials, inspect, reported
from tests.support.material import document, token
from tests.support.stories import archive, detached, policy, signed
from verifier.archives.archive import read_archive
from verifier.archives.pack import replace_member
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.outcome import NotApplicable, Passed
from verifier.core.reading import ReadingMode
from verifier.formats.opa.digest import ALGORITHMS
from verifier.kinds.bundle.digests import check


def swap(content, path, new):
    read = read_archive(content, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="b")
    return replace_member(read, path, new)


def listing(*entries, content=None, mode=ReadingMode.STRICT):
    """An inspection of a bundle whose signature lists `entries` as (name, hash, algorithm)."""
    files = [{"name": name, "hash": digest, "algorithm": algorithm} for name, digest, algorithm in entries]
    signatures = document(token("p256", "ES256", claims={"files": files}))
    return inspect(swap(content or archive(), ".signatures.json", signatures), policy(mode=mode))


def hashes(algorithm="SHA-256", content=None):
    return [(file.name, file.digest(algorithm), algorithm) for file in inspect(content or archive()).artifact.files]


def test_a_bundle_as_it_was_signed_passes():
    assert check(inspect()) == Passed()


@pytest.mark.parametrize("algorithm", sorted(set(ALGORITHMS) - {"MD5", "SHA-1"}))
def test_every_sound_hash_that_opa_knows_is_checked(algorithm):
    assert check(listing(*hashes(algorithm))) == Passed()
    wrong = [(name, "00", algorithm) for name, _, _ in hashes()]
    assert denials(check(listing(*wrong))) == ["digest.mismatch", "digest.mismatch"]


@pytest.mark.parametrize(
    ("path", "new"),
    [("authz/policy.rego", b"package authz\n\nallow := true\n"), (".manifest", b'{"revision":"9","roots":["authz"]}')],
)
def test_a_file_that_was_changed_denies(path, new):
    outcome = check(inspect(swap(signed(), path, new)))
    assert denials(outcome) == ["digest.mismatch"]
    assert outcome.reasons[0].subject == path


def test_a_file_that_was_added_denies():
    outcome = check(inspect(swap(signed(), "authz/more.rego", b"package authz.more\n")))
    assert denials(outcome) == ["digest.missing"]
    assert outcome.reasons[0].subject == "authz/more.rego"


def test_a_file_that_was_removed_denies():
    outcome = check(listing(*hashes(), ("authz/gone.rego", "00", "SHA-256")))
    assert denials(outcome) == ["digest.extra"]
    assert outcome.reasons[0].subject == "authz/gone.rego"


def test_a_signature_that_lists_nothing_covers_nothing():
    assert denials(check(listing())) == ["digest.missing", "digest.missing"]


def test_white_space_in_a_structured_file_is_no_change_as_opa_has_it():
    assert check(inspect(swap(signed(), ".manifest", b'{ "roots": ["authz"],\n "revision": "1.0.0" }'))) == Passed()


def test_a_number_written_otherwise_is_a_change():
    content = signed(archive(data_json=b'{"limit": 1.0}'))
    assert denials(check(inspect(swap(content, "authz/data.json", b'{"limit": 1}')))) == ["digest.mismatch"]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1"])
def test_a_broken_hash_denies_and_is_a_warning_where_the_policy_accepts_what_opa_accepts(algorithm):
    entries = hashes(algorithm)
    assert denials(check(listing(*entries))) == ["digest.weak-algorithm"] * 2
    assert reported(check(listing(*entries, mode=ReadingMode.OPA_COMPAT))) == ["digest.weak-algorithm"] * 2


@pytest.mark.parametrize("algorithm", ["sha-256", "SHA256", "", "CRC-32"])
def test_an_unknown_hash_denies_in_every_mode(algorithm):
    entries = [(name, digest, algorithm) for name, digest, _ in hashes()]
    for mode in ReadingMode:
        assert denials(check(listing(*entries, mode=mode))) == ["digest.weak-algorithm"] * 2


def test_hostile_listings_do_not_fill_the_report():
    outcome = check(listing(*((f"f{number}", "00", "SHA-256") for number in range(500))))
    assert len(outcome.reasons) == 100


def test_detached_signatures_cover_the_archive_and_need_no_list():
    content = archive()
    assert isinstance(check(inspect(content, policy("ed25519"), documents=(detached(content),))), NotApplicable)


def test_what_is_no_bundle_has_no_files():
    assert isinstance(check(blob(inspect())), NotApplicable)


def test_one_entry_does_not_cover_two_files():
    inspection = inspect()
    embedded = inspection.evidence.embedded
    doubled = replace(embedded, listed=(*embedded.listed, embedded.listed[0]))
    outcome = check(replace(inspection, evidence=replace(inspection.evidence, embedded=doubled)))
    assert denials(outcome) == ["digest.extra"]


@pytest.mark.parametrize("folder", ["src/", "./", "a/b/", "/tmp/policies/", "authz/"])
def test_a_signature_given_from_outside_of_the_folder_is_one_reason_and_accuses_nobody(folder):
    entries = [(f"{folder}{name}", digest, algorithm) for name, digest, algorithm in hashes()]
    (reason,) = check(listing(*entries)).reasons
    assert (reason.code, reason.subject) == ("digest.extra", folder)
    assert "opa sign --bundle ." in reason.hint
    assert "who removed it" not in reason.hint


def one_changed(entries):
    name, digest, algorithm = entries[0]
    return [(name, digest[::-1], algorithm), *entries[1:]]


@pytest.mark.parametrize(
    "change",
    [
        one_changed,
        lambda entries: entries[1:],
        lambda entries: [*entries, ("src/more.rego", *entries[0][1:])],
        lambda entries: [(entries[0][0].removeprefix("src/"), *entries[0][1:]), *entries[1:]],
        lambda entries: [(name, digest, "MD5") for name, digest, _ in entries],
    ],
)
def test_behind_a_folder_too_every_file_is_what_was_signed_or_each_is_named(change):
    entries = [(f"src/{name}", digest, algorithm) for name, digest, algorithm in hashes()]
    outcome = check(listing(*change(entries)))
    assert len(outcome.reasons) > 1
    assert set(denials(outcome)) <= {"digest.extra", "digest.missing", "digest.mismatch"}
