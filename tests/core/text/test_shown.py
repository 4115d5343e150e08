"""What is said of a reference holds no secret of it, however it is written, and still says which place is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.text.shown import shown, without_secrets

SECRET = "hunter2"
HIDDEN = [
    "https://me:hunter2@h/x",
    "https://hunter2@h/x",
    "https://me:a@hunter2@h/x",
    "https://h/x?sig=hunter2",
    "https://h/x?hunter2",
    "https://h/x#hunter2",
    "https://h/x;hunter2",
    "http://me:hunter2@[::1]:80/x",
    "oci://me:hunter2@registry/a:b",
    "git+ssh://me:hunter2@h/x",
    "postgresql://me:hunter2@h:5432/db",
    "postgresql+psycopg://me:hunter2@h/db",
    "postgresql+psycopg2://me:hunter2@h,me:hunter2@h2/db",
    "POSTGRES://me:hunter2@h/db",
    "postgresql://me:a/hunter2@h/db",
    "postgresql://me:a?hunter2@h/db",
    "postgresql://me:a#hunter2@h/db",
    "postgresql://me:a hunter2@h/db",
    "postgresql:///db?password=hunter2",
    "postgresql:me:hunter2@h/db",
    "postgres:me:hunter2@h",
    "me:hunter2@h/db",
    "//me:hunter2@h/db",
    "https:/me:hunter2@h/db",
    "https:me:hunter2@h",
    "htps//me:hunter2@h/x",
    "host=db password=hunter2 user=me",
    "host=db password='a hunter2' user=me",
    "host=db sslpassword=hunter2",
    "Server=db;Pwd=hunter2",
    "hsm:2?label=x&pin=hunter2",
    "hsm:&pin=hunter2",
    "pkcs11:token=x;object=y;pin-value=hunter2",
    "pkcs11:hunter2@x",
    "awskms:///x?secret=hunter2",
    "hashivault://hunter2@vault/key",
    "azurekms://me:hunter2@v.vault.azure.net/key",
    "Bearer hunter2hunter2hunter2",
    "-----BEGIN PRIVATE KEY-----\nhunter2",
    "ghp_hunter2hunter2hunter2",
    "eyJhbGciOiJhunter2.hunter2.hunter2",
    "whsec_hunter2hunter2hunter2",
    "mongodb+srv://me:hunter2@h/x",
    "redis://:hunter2@h",
]


@pytest.mark.parametrize("reference", HIDDEN)
def test_a_secret_is_not_shown(reference):
    assert SECRET not in shown(reference)


IN_WORDS = [
    each for each in HIDDEN if not each.startswith(("me:", "postgresql:me", "postgres:me", "https:me", "pkcs11:h"))
]
"""A name, a colon and an at-sign stand in honest text as well: whoever has a reference in his hand calls `shown`."""


# Without quotes, nobody can tell where one ends that has a blank in it and no `=`.
REPEATED = [(each, "cannot use {!r}: no such host") for each in IN_WORDS] + [
    (each, "said: {}") for each in IN_WORDS if " " not in each or "=" in each
]


@pytest.mark.parametrize(("reference", "text"), REPEATED)
def test_nor_in_the_words_of_whoever_repeats_it(reference, text):
    assert SECRET not in without_secrets(text.format(reference))


@pytest.mark.parametrize("reference", IN_WORDS)
def test_nor_in_any_error_or_reason(reference):
    refused = refuse("input.unreachable", repr(reference), f"no answer from {reference!r}", hint=f"see {reference!r}")
    wrong = ConfigurationError(f"not {reference!r}", where=repr(reference), hint=f"not {reference!r}")
    for said in (refused, wrong, refused.reasons[0], wrong.message, wrong.where, wrong.hint):
        assert SECRET not in repr(said) + str(said)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("https://me:hunter2@h:8443/a/b?x", "https://h:8443/a/b"),
        ("postgresql://me:hunter2@h:5432/db", "postgresql://h:5432/db"),
        ("postgresql://me:a/b@h/db", "postgresql://…"),
        ("host=db password=hunter2", "host=db password=…"),
        ("hsm:2?label=x&pin=1", "hsm:2?label=x"),
        ("pkcs11:token=x;object=y;pin-value=1", "pkcs11:token=x;object=y"),
        ("me:hunter2@h/db", "…@h/db"),
    ],
)
def test_the_place_is_still_told(reference, said):
    assert shown(reference) == said


@pytest.mark.parametrize(
    "reference",
    [
        "keys/release",
        "/var/lib/x.tar.gz",
        "sqlite:ledger.db",
        "sqlite:///var/x.db",
        "oci://h:5000/a/b:c",
        "env:NAME",
        "oci://h:5000/a/b@sha256:abc",
        "https://h.example:443/@scope/x",
        "https://h/@scope/x",
        "https://github.com/a/.github/w/r.yml@refs/tags/v1",
        "git+https://github.com/a/b@refs/tags/v1",
        "bundle:authz@prod",
        "file:///x/y",
        "awskms:///alias/x",
        "spiffe://x/y",
        "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
        "me@example.org",
        "a b.json",
    ],
)
def test_what_holds_no_secret_is_shown_as_it_is(reference):
    assert shown(reference) == reference
    assert without_secrets(f"not {reference!r}") == f"not {reference!r}"


@pytest.mark.parametrize(
    "text",
    [
        "the signer's key = 'x.pem' is missing",
        "a token was expected",
        "basic reading of it",
        "k=v",
        "1 != 2",
        "secret: x",
        "the passphrase of keys/release",
        "a bearer token of 16 characters",
        "sha256=abc",
        "pin_kid = true",
        "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml",
        "https://github.com/acme/sk-learn-contributions",
        "npm_package_config_registry is set",
    ],
)
def test_words_stay_words(text):
    assert without_secrets(text) == text


@given(st.text(max_size=80))
def test_whatever_it_is_something_is_said(text):
    assert isinstance(shown(text), str)
    assert isinstance(without_secrets(text), str)


USER = st.text("abcXYZ019._~-%", min_size=1, max_size=8)
PASSWORD = st.text("abc:@/?#[]!$&'()*+,;=% ", max_size=6).map(lambda each: f"{each}{SECRET}")


@given(st.sampled_from(["https", "postgresql", "postgresql+psycopg", "oci", "amqp"]), USER, PASSWORD)
def test_no_password_is_shown_whatever_it_holds(scheme, user, password):
    assert SECRET not in shown(f"{scheme}://{user}:{password}@h.example/x")
