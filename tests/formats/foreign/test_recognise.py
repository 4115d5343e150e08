"""What was given instead of what is read is named, whole or cut short, and costs no more than its refusal did."""

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.formats.foreign.attesting import ATTESTING
from verifier.formats.foreign.describing import DESCRIBING
from verifier.formats.foreign.first_bytes import BINARY, GZIP
from verifier.formats.foreign.named import EXPECTED
from verifier.formats.foreign.recognise import HEAD, MAX_JSON, recognise
from verifier.formats.foreign.texts import TEXTS

DER = bytes.fromhex("3044022001020304050607080910111213141516171819202122232425262728293031320220") + bytes(range(32))


def packed(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("demo-1.0.dist-info/METADATA", "Name: demo")
    else:
        with tarfile.open(fileobj=out, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("data.json"), io.BytesIO())
    return out.getvalue()


def envelope(payload_type: str = IN_TOTO_PAYLOAD, **more: str) -> dict:
    return {"payloadType": payload_type, "payload": "e30=", "signatures": [{"keyid": "", "sig": "AA==", **more}]}


BYTES = {
    "empty": b" \n",
    "utf-8-bom": b"\xef\xbb\xbf{}",
    "utf-16": '{"payloadType": 1}'.encode("utf-16"),
    "utf-32": "{}".encode("utf-32"),
    "zip": packed("zip"),
    "zstd": bytes.fromhex("28b52ffd0400"),
    "xz": lzma.compress(b"{}"),
    "bzip2": bz2.compress(b"{}"),
    "tar": packed("tar"),
    "gzip": gzip.compress(b"{}"),
    "gzip-of-gzip": gzip.compress(gzip.compress(b"{}")),
    "raw-signature": DER,
    "base64-signature": base64.b64encode(DER) + b"\n",
    "git-lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
    "html": b"<!DOCTYPE html>\n<html><head><title>Sign in</title>",
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "cyclonedx-xml": b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>',
    "ssh-signature": b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
    "ssh-private-key": b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
    "ssh-public-key": b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@here\n",
    "gpg-signature": b"-----BEGIN PGP SIGNATURE-----\n\niQ\n",
    "gpg-key": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n",
    "minisign": b"untrusted comment: signature from minisign secret key\n",
    "certificate": b"-----BEGIN CERTIFICATE-----\nMIIB\n",
    "certificate-request": b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n",
    "public-key": b"-----BEGIN PUBLIC KEY-----\nMIIB\n",
    "private-key": b"-----BEGIN EC PRIVATE KEY-----\nMIIB\n",
    "cosign-private-key": b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
    "pem-in-base64": base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n"),
    "jws": b"eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl\n",
    "json-in-base64": base64.b64encode(b'{"_type": "https://in-toto.io/Statement/v1"}'),
    "checksums": hashlib.sha256(b"").hexdigest().encode() + b"  app.tar.gz\n",
    "listing": b"total 8\n-rw-r--r-- 1 me me 12 Nov 28 06:30 app.txt\n",
    "answer": b"404: Not Found",
    "trust-policy": b'version = 1\n\n[signers.release]\nkey = "release.pub"\n',
    "yaml": b"apiVersion: v1\nkind: Secret\n",
}

OBJECTS = {
    "cosign-bundle": {"base64Signature": "AA==", "cert": "", "rekorBundle": {}},
    "pypi-attestation": {"version": 1, "envelope": {}, "verification_material": {}},
    "pypi-provenance": {"version": 1, "attestation_bundles": []},
    "npm-attestations": {"attestations": [{"predicateType": "x", "bundle": {}}]},
    "gcloud": {"image_summary": {}, "provenance_summary": {"provenance": []}},
    "gh-verified": [{"attestation": {"bundle": {}}, "verificationResult": {}}],
    "in-toto-link": {"signed": {"_type": "link"}, "signatures": []},
    "in-toto-unsigned": {"_type": "layout", "steps": []},
    "tuf": {"signed": {"_type": "root"}, "signatures": []},
    "statement": {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "x"},
    "provenance-predicate": {"buildDefinition": {}, "runDetails": {}},
    "vsa-predicate": {"verifier": {"id": "x"}, "verificationResult": "PASSED"},
    "cosign-payload": [{"critical": {"identity": {}}, "optional": None}],
    "envelope-with-certificate": envelope(cert="-----BEGIN CERTIFICATE-----"),
    "other-envelope": envelope("application/vnd.acme.verdict+json"),
    "json-jws": {"payload": "e30", "protected": "e30", "header": {}, "signature": "AA"},
    "sarif": {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": []},
    "spdx": {"spdxVersion": "SPDX-2.3"},
    "cyclonedx": {"bomFormat": "CycloneDX", "specVersion": "1.5"},
    "log-entry": {"24296fb24b8ad77a": {"body": "e30=", "integratedTime": 1, "logID": "c0", "logIndex": 1}},
    "trusted-root": {"mediaType": "application/vnd.dev.sigstore.trustedroot+json", "certificateAuthorities": []},
    "oci-index": {"schemaVersion": 2, "manifests": []},
    "oci-manifest": {"schemaVersion": 2, "config": {}, "layers": []},
    "docker-inspect": [{"Id": "sha256:00", "RepoDigests": []}],
    "github-error": {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"},
    "registry-error": {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]},
    "api-error": {"message": "404 Project Not Found"},
    "problem": {"type": "about:blank", "title": "Forbidden", "status": 403},
    "jwk": {"kty": "EC", "crv": "P-256"},
    "opa-signatures": {"signatures": ["e30.e30.AA"]},
}


def name_of(content: bytes, place: str = "policy") -> str | None:
    found = recognise(content, place=place)
    return found.name if found is not None else None


@pytest.mark.parametrize("name", BYTES)
def test_a_format_is_told_by_how_it_begins(name):
    assert name_of(BYTES[name], "nowhere") == name


@pytest.mark.parametrize("indent", [None, 2], ids=["on one line", "for people"])
@pytest.mark.parametrize("name", OBJECTS)
def test_a_json_format_is_told_by_its_names(name, indent):
    assert name_of(json.dumps(OBJECTS[name], indent=indent).encode()) == name


@pytest.mark.parametrize("name", ["cosign-bundle", "pypi-attestation", "gcloud", "sarif", "oci-manifest", "spdx"])
def test_what_is_cut_short_is_named_and_said_to_be_damaged(name):
    whole = json.dumps(OBJECTS[name]).encode()
    found = recognise(whole[:-1])
    assert found.name == name
    assert "cut short" in found.what
    assert name_of(whole * 2) == name


def test_formats_that_only_values_tell_apart_are_not_guessed_where_they_are_cut():
    assert name_of(json.dumps(OBJECTS["tuf"]).encode()[:-1]) is None


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (json.dumps(envelope()).encode(), "attestation"),
        (b'{"verificationMaterial": {}, "dsseEnvelope": {}}', "attestation"),
        (gzip.compress(packed("tar")), "bundle"),
        (BYTES["trust-policy"], "policy"),
        (BYTES["public-key"], "key"),
        (json.dumps(OBJECTS["trusted-root"]).encode(), "root"),
        (json.dumps(OBJECTS["oci-index"]).encode(), "image"),
    ],
)
def test_what_a_place_reads_is_not_foreign_there(content, place):
    assert recognise(content, place=place) is None


def test_a_bundle_that_holds_something_else_than_a_tar_is_named_by_what_is_inside():
    assert name_of(gzip.compress(packed("zip")), "bundle") == "gzip-of-zip"


@pytest.mark.parametrize("rows", [(*BINARY, GZIP), TEXTS, ATTESTING, DESCRIBING])
def test_every_row_says_what_it_is_and_one_thing_to_do(rows):
    for row in rows:
        assert row.foreign.todo.endswith(".")
        assert row.foreign.what[0].islower() or row.foreign.what.split()[0].isupper() or row.foreign.what[0] in "ONPG"
        assert row.foreign.read_at <= EXPECTED.keys()


def test_formats_of_one_name_ask_for_the_same():
    rows = [row.foreign for row in (*BINARY, GZIP, *TEXTS, *ATTESTING, *DESCRIBING)]
    assert len({(row.name, row.what) for row in rows}) >= len({row.name for row in rows})


@given(st.binary(max_size=600))
def test_whatever_the_bytes_are_an_answer_or_none_comes(content):
    recognise(content)


@given(st.sampled_from([*BYTES.values()]), st.integers(0, 300), st.binary(max_size=8))
def test_a_format_with_a_byte_more_or_less_is_named_or_not_and_never_fails(content, at, more):
    recognise(content[:at] + more + content[at:])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(sorted({name for row in (*ATTESTING, *DESCRIBING) for name in row.names})),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_known_names_with_other_values_are_named_or_not_and_never_fail(value):
    recognise(json.dumps(value).encode())


def test_of_a_document_that_is_too_long_only_the_beginning_is_looked_at():
    long = b'{"spdxVersion": "SPDX-2.3", "x": "' + b"a" * MAX_JSON + b'"}'
    assert name_of(long) == "spdx"
    hidden = b'{"x": "' + b"a" * MAX_JSON + b'", "spdxVersion": "SPDX-2.3"}'
    assert name_of(hidden) is None


def test_a_gzip_bomb_is_unpacked_no_further_than_its_beginning():
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) > HEAD
    assert name_of(bomb) == "gzip"
