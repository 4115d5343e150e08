"""Reading, beside a real OPA: the same names, the same bytes, the same values, the same digests."""

import base64
import json
import random
import subprocess

import pytest
import yaml

from tests.support.archives.tars import END, bundle, codes, gz, member, pax, record, tarball
from tests.support.peers.peers import executable
from verifier.archives.pack import pack_members
from verifier.core.reading import ReadingMode

pytestmark = pytest.mark.interop
COMPAT = ReadingMode.OPA_COMPAT


@pytest.fixture(scope="session")
def opa():
    """Runs OPA; None where it refuses."""
    program = executable("opa", "OPA")

    def run(*arguments, cwd):
        done = subprocess.run([program, *arguments], cwd=cwd, capture_output=True, timeout=60, check=False)
        return done.stdout if done.returncode == 0 else None

    return run


@pytest.fixture
def data_of(opa, tmp_path):
    """What OPA has under `data` with this archive as its bundle; None where it refuses the archive."""

    def load(content):
        (tmp_path / "bundle.tar.gz").write_bytes(content)
        answer = opa("eval", "--format=json", "--bundle", "bundle.tar.gz", "data", cwd=tmp_path)
        return None if answer is None else json.loads(answer)["result"][0]["expressions"][0]["value"]

    return load


def write(files, folder):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def signed_digests(document):
    payload = json.loads(document)["signatures"][0].split(".")[1]
    files = json.loads(base64.urlsafe_b64decode(payload + "=="))["files"]
    assert {file["algorithm"] for file in files} == {"SHA-256"}
    return {file["name"]: file["hash"] for file in files}


def our_digests(read):
    return {file.name: file.digest() for file in read.files}


def values(seed, count):
    """Documents with everything that canonical forms get wrong."""
    dice = random.Random(seed)  # noqa: S311
    strings = ["", "a", "é", "\u2028\u2029", "\b\f\n\r\t\x00\x1f\x7f", '"\\/<>&', "😀", "\ufffd", "\uffff", "a\u0301"]
    numbers = ["0", "-0", "1.0", "1e0", "1E+5", "-2.50", "1e16", "0.00001", "123456789012345678901234567890", "1e-400"]

    def make(depth):
        kind = dice.randrange(6 if depth else 4)
        if kind == 0:
            return dice.choice(["null", "true", "false"])
        if kind == 1:
            return dice.choice(numbers)
        if kind in (2, 3):
            return json.dumps(dice.choice(strings) + dice.choice(strings), ensure_ascii=dice.random() < 0.5)
        inner = [make(depth - 1) for _ in range(dice.randrange(4))]
        if kind == 4:
            return "[" + dice.choice([", ", ","]).join(inner) + "]"
        keys = dice.sample(strings, len(inner))
        return "{" + " , ".join(f"{json.dumps(key)}: {value}" for key, value in zip(keys, inner, strict=True)) + "}"

    return [make(4).encode() for _ in range(count)]


class TestDigests:
    def test_json_is_hashed_as_opa_signs_it(self, opa, tmp_path):
        files = {f"d{each}/data.json": content for each, content in enumerate(values(7, 400))}
        files |= {"p.rego": b"package p\n", ".manifest": b'{"revision": "1", "roots": [""], "metadata": {"n": 1.0}}'}
        write(files, tmp_path / "b")
        assert (
            opa("sign", "--signing-alg=HS256", "--signing-key=secret", "--bundle", ".", "-o", "..", cwd=tmp_path / "b")
            is not None
        )
        expected = signed_digests((tmp_path / ".signatures.json").read_bytes())
        assert our_digests(bundle(pack_members(files.items()))) == expected

    @pytest.mark.parametrize("flow", [None, True, False])
    def test_yaml_is_hashed_as_opa_signs_it(self, opa, tmp_path, flow):
        files = {}
        for at, content in enumerate(values(11, 300)):
            text = yaml.safe_dump(json.loads(content), allow_unicode=True, default_flow_style=flow).encode()
            name = f"d{at}/data.yaml"
            if not codes(bundle, {name: text}):
                files[name] = text
        assert len(files) > 100
        write(files, tmp_path / "b")
        assert (
            opa("sign", "--signing-alg=HS256", "--signing-key=secret", "--bundle", ".", "-o", "..", cwd=tmp_path / "b")
            is not None
        )
        expected = signed_digests((tmp_path / ".signatures.json").read_bytes())
        assert our_digests(bundle(pack_members(files.items()))) == expected

    @pytest.mark.parametrize(
        "scalar",
        [
            "1",
            "-7",
            "1.5",
            "x",
            "1.2.3",
            "v1",
            "-x",
            "a b",
            "'1'",
            "true",
            "null",
            "~",
            "",
            "0",
            "-0.25",
            "+x",
            ".x",
            "0x",
        ],
    )
    def test_plain_scalars_mean_what_they_mean_to_opa(self, data_of, scalar):
        content = tarball({"/data.yaml": f"a: {scalar}\nb: [{scalar or 1}]\n".encode()})
        assert bundle(content).data == data_of(content)


FILES = {
    "a/p.rego": b"package a.p\n\nimport rego.v1\n\nallow if input.user == data.a.users[_]\n",
    "a/data.json": b'{"users": ["x"], "n": 1.0}',
    "a/b/data.yaml": b"deny: true\n",
    "policy.rego": b"package q\n\ndeny contains 1 if true\n",
}


class TestWhatOpaBuilds:
    @pytest.mark.parametrize(
        "options",
        [
            [],
            ["--revision=1.2.0"],
            ["--revision=1.2.0", "--signing-alg=HS256", "--signing-key=secret"],
            ["--target=plan", "--entrypoint=a/p/allow"],
            ["--target=plan", "--entrypoint=a/p/allow", "--signing-alg=HS256", "--signing-key=secret"],
            ["--optimize=1", "--entrypoint=a/p/allow"],
        ],
    )
    def test_it_is_accepted_and_read_alike(self, opa, data_of, tmp_path, options):
        write(FILES, tmp_path / "b")
        assert opa("build", "--bundle", "b", *options, "-o", "bundle.tar.gz", cwd=tmp_path) is not None
        content = (tmp_path / "bundle.tar.gz").read_bytes()
        read = bundle(content)
        assert [finding.code for finding in read.findings] == []
        assert read.data["a"]["users"] == ["x"]
        if read.signatures is not None:
            assert our_digests(read) == signed_digests(read.signatures)
        elif "--target=plan" not in options:
            loaded = data_of(content)
            assert {key: loaded["a"][key] for key in read.data["a"]} == read.data["a"]

    def test_versions_of_rego_are_those_of_the_manifest(self, opa, tmp_path):
        write({"x.rego": b"package x\n\np[1] { true }\n"}, tmp_path / "b")
        assert opa("build", "--v0-compatible", "--bundle", "b", cwd=tmp_path) is not None
        read = bundle((tmp_path / "bundle.tar.gz").read_bytes())
        assert [module.version for module in read.modules] == [0]

    def test_a_signed_directory_packed_here_loads_there(self, opa, tmp_path):
        write(FILES, tmp_path)
        options = ["--signing-alg=HS256", "--signing-key=secret"]
        assert opa("sign", *options, "--bundle", ".", cwd=tmp_path) is not None
        document = (tmp_path / ".signatures.json").read_bytes()
        content = pack_members([*FILES.items(), (".signatures.json", document)])
        assert our_digests(bundle(content)) == signed_digests(document)
        (tmp_path / "s.tar.gz").write_bytes(content)
        arguments = ["--verification-key=secret", "--signing-alg=HS256", "--bundle", "s.tar.gz"]
        assert opa("build", *arguments, "-o", "out.tar.gz", cwd=tmp_path) is not None


D = member(b"/data.json", b'{"x":1}')
OPA_ACCEPTS = {
    "wrong crc": ("archive.bad-checksum", lambda good: good[:-8] + b"\0\0\0\0" + good[-4:]),
    "no trailer": ("archive.truncated", lambda good: good[:-8]),
    "trailing bytes": ("archive.trailing-data", lambda good: good + b"x"),
    "second stream": ("archive.trailing-data", lambda good: good + gz(member(b"/a/data.json", b"2"))),
    "tar in two streams": ("archive.trailing-data", lambda _: gz(D, end=b"") + gz(member(b"/a/data.json", b"2"))),
    "no end blocks": ("archive.truncated", lambda _: gz(D, end=b"")),
    "one end block": ("archive.truncated", lambda _: gz(D, end=bytes(512))),
    "a cut padding": ("archive.truncated", lambda _: gz(D[:700], end=b"")),
    "members after the end": ("archive.trailing-data", lambda _: gz(D, END, member(b"/a/data.json", b"2"))),
    "an empty stream": ("archive.truncated", lambda _: gz(end=b"")),
    "a dot name": ("archive.unsafe-name", lambda _: gz(member(b"./a/data.json", b"2"))),
    "a parent name": ("archive.unsafe-name", lambda _: gz(member(b"../a/data.json", b"2"))),
    "a parent inside": ("archive.unsafe-name", lambda _: gz(member(b"a/../b/data.json", b"2"))),
    "a hidden folder": ("archive.unsafe-name", lambda _: gz(member(b"/.a/data.json", b"2"))),
    "an escape": ("archive.unsafe-name", lambda _: gz(member(b"/a\x1b/data.json", b"2"))),
    "a link": ("archive.special-member", lambda _: gz(D, member(b"/a/data.json", kind=b"2", link=b"/x"))),
    "type 7": ("archive.special-member", lambda _: gz(D, member(b"/a/data.json", b"2", kind=b"7"))),
    "a global rename": ("archive.special-member", lambda _: gz(pax(record(b"path", b"/a/data.json"), kind=b"g"), D)),
    "a second case": (
        "archive.duplicate-member",
        lambda _: gz(member(b"/A/data.json", b"1"), member(b"/a/data.json", b"2")),
    ),
    "padding": ("archive.malformed", lambda _: gz(member(b"/data.json", b'{"x":1}', padding=b"\1"))),
    "an unknown record": ("archive.malformed", lambda _: gz(pax(record(b"hdrcharset", b"BINARY")), D)),
    "duplicate keys": ("json.duplicate-key", lambda _: tarball({"/data.json": b'{"a":1,"a":{"b":2},"a":3}'})),
    "half a surrogate": ("json.invalid", lambda _: tarball({"/data.json": rb'{"a":"\ud800x\udc00"}'})),
    "no utf-8": ("json.invalid", lambda _: tarball({"/data.json": b'{"a":"\xff\xe2\x82"}'})),
    "two revisions": ("json.case-variant-key", lambda _: tarball({"/.manifest": b'{"revision":"9","Revision":"1"}'})),
    "an unknown field": ("manifest.invalid", lambda _: tarball({"/.manifest": b'{"x":1}'})),
    "text after the manifest": ("json.trailing-data", lambda _: tarball({"/.manifest": b"{} x"})),
    "a manifest in a folder": ("bundle.ignored-member", lambda _: tarball({"/s/x.manifest": b'{"revision":"1"}'})),
    "a patch of nothing": ("bundle.delta-refused", lambda _: tarball({"/patch.json": b"{}", "/data.json": b"{}"})),
    "a stray signatures file": ("bundle.stray-signatures", lambda _: tarball({"/a/xsignatures.json": b"{}"})),
}
OPA_REFUSES = {
    "a zero block between members": gz(D, bytes(512), D),
    "a cut member": gz(D[:518], end=b""),
    "a wrong header checksum": gz(member(b"/data.json", b"{}", checksum=b"000001\0 ")),
    "a size that is not a number": gz(member(b"/data.json", b"", size_field=b"0000000000x\0")),
    "a negative pax size": gz(pax(record(b"size", b"-1")), D),
    "a broken pax record": gz(pax(b"9 a=b\n"), D),
    "a second manifest": tarball({"/.manifest": b"{}", "/a/x.manifest": b"{}"}),
    "colliding data": tarball({"/data.json": b'{"a":1}', "/a/data.json": b"2"}),
    "a root that is a list": tarball({"/data.json": b"[]"}),
    "text after data": tarball({"/data.json": b"{} x"}),
    "a byte order mark": tarball({"/data.json": b"\xef\xbb\xbf{}"}),
    "overlapping roots": tarball({"/.manifest": b'{"roots":["a","a/b"]}'}),
    "data outside the roots": tarball({"/data.json": b'{"b":1}', "/.manifest": b'{"roots":["a"]}'}),
    "an integer revision": tarball({"/.manifest": b'{"revision":1}'}),
    "rego version 7": tarball({"/.manifest": b'{"rego_version":7}'}),
    "a missing wasm module": tarball({"/.manifest": b'{"wasm":[{"entrypoint":"a","module":"/policy.wasm"}]}'}),
}


class TestWhatOpaAccepts:
    @pytest.mark.parametrize("attack", OPA_ACCEPTS)
    def test_strict_refuses_it_and_compat_reads_what_opa_reads(self, data_of, attack):
        code, make = OPA_ACCEPTS[attack]
        content = make(gz(D))
        theirs = data_of(content)
        assert theirs is not None, "this OPA refuses it: the table is out of date"
        assert set(codes(bundle, content)) == {code}
        read = bundle(content, mode=COMPAT)
        assert read.data == theirs
        assert code in [finding.code for finding in read.findings]
        assert not any(finding.is_error for finding in read.findings)

    @pytest.mark.parametrize("attack", OPA_REFUSES)
    def test_what_opa_refuses_both_modes_refuse(self, data_of, attack):
        content = OPA_REFUSES[attack]
        assert data_of(content) is None, "this OPA accepts it: the table is out of date"
        assert codes(bundle, content)
        assert codes(bundle, content, mode=COMPAT)


def test_mutations_that_strict_accepts_are_read_by_opa_alike(data_of):
    dice = random.Random(3)  # noqa: S311
    tar = bytearray(D + member(b"/a/data.json", b'{"k":"v"}') + END)
    accepted = 0
    for _ in range(4000):
        mutated = bytes(tar)
        for _ in range(dice.randrange(1, 3)):
            at = dice.choice([dice.randrange(0, 512), dice.randrange(1024, 1536), dice.randrange(len(tar))])
            mutated = mutated[:at] + bytes([dice.randrange(256)]) + mutated[at + 1 :]
        content = gz(repaired(mutated), end=b"")
        if mutated == tar or codes(bundle, content):
            continue
        accepted += 1
        if accepted > 40:
            break
        assert bundle(content).data == data_of(content)
    assert accepted > 10


def repaired(tar):
    """The tar with the checksums of its two headers made right again."""
    for at in (0, 1024):
        block = tar[at : at + 148] + b" " * 8 + tar[at + 156 : at + 512]
        tar = tar[: at + 148] + b"%06o\0 " % sum(block) + tar[at + 156 :]
    return tar
