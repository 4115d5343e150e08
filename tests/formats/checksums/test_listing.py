"""Lists of checksums: what each tool writes is read, and whatever could be read in two ways refuses the whole list."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.checksums import lines
from verifier.formats.checksums.listing import MAX_LIST_BYTES, MAX_LISTED, parse_listing

A, B = hashlib.sha256(b"a").hexdigest(), hashlib.sha256(b"b").hexdigest()
LONG, MIDDLE = hashlib.sha512(b"a").hexdigest(), hashlib.sha384(b"a").hexdigest()
MD5, SHA1 = hashlib.md5(b"a", usedforsecurity=False).hexdigest(), hashlib.sha1(b"a", usedforsecurity=False).hexdigest()


def parse(text):
    content = text if isinstance(text, bytes) else text.encode()
    return {name: [str(each) for each in digests] for name, digests in parse_listing(content, subject="SUMS").items()}


def codes(text):
    with pytest.raises(Refused) as refused:
        parse(text)
    return [reason.code for reason in refused.value.reasons]


@pytest.mark.parametrize(
    ("line", "name", "digest"),
    [
        (f"{A}  app", "app", f"sha256:{A}"),
        (f"{A} *app", "app", f"sha256:{A}"),
        (f"{A.upper()}  app", "app", f"sha256:{A}"),
        (f"{LONG}  app", "app", f"sha512:{LONG}"),
        (f"{MIDDLE}  dist/app 1.0", "dist/app 1.0", f"sha384:{MIDDLE}"),
        (f"{A}  ./app", "app", f"sha256:{A}"),
        (f"{A}    app", "  app", f"sha256:{A}"),
        (f"SHA256 (app) = {A}", "app", f"sha256:{A}"),
        (f"SHA512 (app) = {LONG}", "app", f"sha512:{LONG}"),
        (f"SHA256 (a) = {B}) = {A}", f"a) = {B}", f"sha256:{A}"),
        (f"SHA256(app)= {A}", "app", f"sha256:{A}"),
        (f"SHA2-256(app)= {A}", "app", f"sha256:{A}"),
        (f"SHA2-512(app)= {LONG}", "app", f"sha512:{LONG}"),
        (f"\\{A}  a\\nb", "a\nb", f"sha256:{A}"),
        (f"\\SHA256 (a\\nb) = {A}", "a\nb", f"sha256:{A}"),
    ],
)
def test_a_line_of_each_tool_is_read(line, name, digest):
    assert parse(line) == parse(f"{line}\n") == parse(f"# comment\n{line}\n") == {name: [digest]}


def test_several_digests_of_one_file_are_all_of_it():
    text = f"{A}  app\nSHA512 (app) = {LONG}\n{MD5}  app\n{A}  ./app\n"
    assert parse(text) == {"app": [f"sha256:{A}", f"sha512:{LONG}", f"md5:{MD5}"]}


def test_a_list_that_was_made_on_windows_is_read_and_one_of_two_minds_is_not():
    assert parse(f"{A}  app\r\n{B}  lib\r\n") == parse(f"{A}  app\n{B}  lib\n")
    assert codes(f"{A}  app\r\n{B}  lib\n") == ["checksums.unsafe-name"]


@pytest.mark.parametrize(
    "name",
    [
        *("../app", "a/../../app", "/etc/passwd", "a//b", "a/", "a/./b", "-", "./", ".", "..", "C:/app", "C:app"),
        *("a\\b", "..\\app", "\\\\host\\share", "a\tb", "a\x1bb", "a\0b", "x" * 1025, "/".join("x" * 65)),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    assert codes(f"{A}  {name}") == ["checksums.unsafe-name"]
    assert codes(f"SHA256 ({name}) = {A}") == ["checksums.unsafe-name"]


def test_an_escaped_name_leads_nowhere_either():
    assert codes(f"\\{A}  a\\\\b") == ["checksums.unsafe-name"]
    assert codes(f"\\{A}  a\\rb") == ["checksums.unsafe-name"]
    assert codes(f"\\{A}  a\\x41") == ["checksums.malformed"]
    assert codes(f"\\{A}  a\\") == ["checksums.malformed"]


def test_one_file_with_two_digests_is_a_conflict_however_it_is_spelled():
    assert codes(f"{A}  app\n{B}  ./app\n") == ["checksums.conflict"]
    assert codes(f"{A}  app\nSHA256 (app) = {B}\n") == ["checksums.conflict"]


@pytest.mark.parametrize("value", [MD5, SHA1, "0" * 56, "0" * 72])
def test_what_binds_nothing_is_refused_alone(value):
    assert codes(f"{value}  app\n{A}  lib") == ["checksums.weak-algorithm"]


def test_an_algorithm_that_is_not_known_binds_nothing():
    assert codes(f"BLAKE2b (app) = {LONG}") == ["checksums.weak-algorithm"]
    assert codes(f"SHA3-256 (app) = {A}") == ["checksums.weak-algorithm"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# nothing\n",
        f"{A}  app\n\n",
        f"\n{A}  app\n",
        f"{A}",
        f"{A} ",
        f"{A}  ",
        f"{A} app",
        f"{A}\tapp",
        f" {A}  app",
        f"{A[:-1]}g  app",
        f"{A} Uapp",
        f"{A} ^app",
        f"SHA256(app) = {A}",
        f"SHA256 (app)= {A}",
        f"SHA256 (app) = {A} ",
        f"SHA256 (app) = {LONG}",
        f"SHA512 (app) = {A}",
        f"SHA256 () = {A}",
        f"\ufeff{A}  app",
        "<!DOCTYPE html>",
        json.dumps({"app": A}),
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{A}  app\n",
        f"{A}  app\n".encode("utf-16"),
        f"{A}  ".encode() + b"\xff",
        b"\x1f\x8b" + bytes(100),
    ],
)
def test_whatever_is_no_list_is_refused_as_malformed(text):
    assert set(codes(text)) == {"checksums.malformed"}


def test_every_line_that_is_wrong_is_named_and_a_thousand_are_not():
    with pytest.raises(Refused) as refused:
        parse(f"{A}  app\nnonsense\n{A}  /x\n")
    assert [(each.subject, each.code) for each in refused.value.reasons] == [
        ("SUMS:2", "checksums.malformed"),
        ("SUMS:3", "checksums.unsafe-name"),
    ]
    assert len(codes("x\n" * 1000)) == 100


def test_a_list_that_is_too_long_is_not_read(monkeypatch):
    assert codes("#" * (MAX_LIST_BYTES + 1)) == ["input.too-large"]
    assert codes("".join(f"{A}  {number}\n" for number in range(MAX_LISTED + 1))) == ["input.too-large"]


HOSTILE = [
    "(" * MAX_LIST_BYTES,
    "SHA256 (" + ") = " * (MAX_LIST_BYTES // 4 - 10),
    "\\" * MAX_LIST_BYTES,
    "0" * MAX_LIST_BYTES,
    f"{A}  " + "../" * (MAX_LIST_BYTES // 3 - 100),
    f"\\{A}  " + "\\n" * (MAX_LIST_BYTES // 2 - 100),
    "\n" * MAX_LIST_BYTES,
    "#\n" * (MAX_LIST_BYTES // 2),
    f"{MD5}  " + "./" * (MAX_LIST_BYTES // 2 - 100) + "a",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_lists_are_refused_after_each_line_was_looked_at_once(text, monkeypatch):
    looked = 0

    class Counted:
        def __init__(self, pattern):
            self.pattern = pattern

        def match(self, line):
            nonlocal looked
            looked += len(line)
            return self.pattern.match(line)

    for name in ("_GNU", "_TAGGED", "_OPENSSL"):
        monkeypatch.setattr(lines, name, Counted(getattr(lines, name)))
    assert codes(text)
    assert looked <= 3 * len(text)


@given(st.text(st.sampled_from("0aF \\*()=/.-\n\r#SHA256n"), max_size=120))
def test_any_text_is_a_list_or_refused(text):
    reasons = ()
    try:
        listing = parse(text)
    except Refused as refused:
        listing, reasons = {}, refused.reasons
    assert listing or {each.code.partition(".")[0] for each in reasons} == {"checksums"}
