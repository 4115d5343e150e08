"""Digests by which somebody names an artifact: strong ones, written in one way, and npm's."""

import base64
import hashlib

import pytest

from verifier.core.digest import Digest, Digests, looks_like_digest, read_digest

CONTENT = b"an artifact"


def named(algorithm, content=CONTENT):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def integrity(algorithm, content=CONTENT):
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_strong_digest_is_read_in_hex_and_as_npm_writes_it(algorithm):
    read = read_digest(named(algorithm))
    assert (str(read), read_digest(integrity(algorithm))) == (named(algorithm), read)
    assert looks_like_digest(named(algorithm))
    assert looks_like_digest(integrity(algorithm))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (named("sha512")[:-1], "128 lower-case hex digits"),
        (named("sha512") + "0", "128 lower-case hex digits"),
        (named("sha512") + "\n", "128 lower-case hex digits"),
        (named("sha384").replace("sha384", "sha512"), "128 lower-case hex digits"),
        (named("sha512").upper().replace("SHA512", "sha512"), "lower-case"),
        (named("sha512").replace("sha512", "SHA512"), "sha512:HEX"),
        (named("sha512").replace("sha512", "sha-512"), "sha512:HEX"),
        (named("md5"), "md5 names no bytes"),
        (named("sha1"), "sha1 names no bytes"),
        (named("sha1").replace("sha1", "SHA-1"), "sha1 names no bytes"),
        (integrity("sha1"), "sha1 names no bytes"),
        (integrity("sha512")[:-4], "one sha512-BASE64 of 64 bytes"),
        (integrity("sha512").rstrip("="), "one sha512-BASE64 of 64 bytes"),
        (integrity("sha512") + "?opt", "one sha512-BASE64 of 64 bytes"),
        (f"{integrity('sha512')} {integrity('sha384')}", "one sha512-BASE64 of 64 bytes"),
        (integrity("sha384").replace("sha384", "sha512"), "one sha512-BASE64 of 64 bytes"),
        ("sha512-\u00e9", "one sha512-BASE64 of 64 bytes"),
        ("sha3-abc", "algorithm:value"),
        ("abc", "algorithm:value"),
        (":abc", "needs an algorithm"),
    ],
)
def test_whatever_else_is_a_mistake_in_words(text, says):
    with pytest.raises(ValueError, match=says):
        read_digest(text)


def test_names_that_no_hash_function_has_are_those_of_a_digest_set():
    assert read_digest("gitCommit:abc") == Digest(algorithm="gitCommit", value="abc")


@pytest.mark.parametrize("name", ["sha512-checksums.txt", "sha256sum", "app", "./sha256:ab", "SHA512SUMS", "md5"])
def test_a_file_that_is_called_like_one_is_a_file(name):
    assert not looks_like_digest(name)


def test_all_that_can_be_compared_has_to_agree_and_a_weak_one_binds_nothing():
    called = Digests(read_digest(named("sha512")), content=CONTENT)
    assert called.match([read_digest(named("sha384"))])
    assert called.match([Digest.of(CONTENT)])
    md5 = Digest(algorithm="md5", value=hashlib.md5(CONTENT, usedforsecurity=False).hexdigest())
    assert not called.match([md5])
    assert not called.match([Digest(algorithm="whirlpool", value="00")])
    assert called.contradicted([read_digest(named("sha512")), Digest.of(b"another")]) == Digest.of(b"another")
    assert called.contradicted([read_digest(named("sha512")), md5]) is None


def test_of_what_only_the_sha512_is_known_nothing_else_is():
    called = Digests(read_digest(named("sha512")))
    assert called.match([read_digest(named("sha512"))])
    assert not called.match([Digest.of(CONTENT)])
    assert called.contradicted([Digest.of(b"another")]) is None
    assert called.contradicted([read_digest(named("sha512", b"another"))]) is not None
