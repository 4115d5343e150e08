"""Honest bundles with something changed by chance: names, order, manifest, data, modules, headers, the compression."""

import gzip
import json
import random
import zlib

from tests.support.archives.tars import END, member, pax, record

NAMES = (
    "a/m.rego", "/a/m.rego", "./a/m.rego", "a//m.rego", "a/../m.rego", "a/M.REGO", "a/m.rego ", "a/m_test.rego",
    ".a/m.rego",
    "a/data.json", "/a/data.json", "a/data.yaml", "a/data.yml", "a%2Fb/data.json", "a/b/data.json", "a/.b/data.json",
    ".manifest", "/.manifest", "a/.manifest", "x.manifest", "a/data.JSON", "data.json", "data.yaml", "a/é/data.json",
    "policy.wasm", "a/policy.wasm", "plan.json", "patch.json", "a/other.txt", "signatures.json", "a/e\u0301/data.json",
    "a b/data.json", "a/data.json/x", "system/data.json", "a\\b/data.json", "li%73ts/data.json", "a/b.c/data.json",
)  # fmt: skip
ROOTS = (
    ["a"], ["a", "b"], [""], [], ["/a/"], ["a/b"], ["a%2Fb"], ["li%73ts"], ["a", "a/b"], ["a", "ab"], ["a/"],
    ["//a"], ["a//b"],
    ["A"], ["a", "a"], ["a/b", "a/c"], ["*"], ["a", ""], ["a.b"], ["é"], ["a%"], ["%61"], ["a?b"], ["a#b"], [" a"],
    ["a/b c"],
    ["a/./b"], ["..", "a"], None, ["a", "system"],
)  # fmt: skip
DATA = (
    b'{"x": 1}', b'{"m": {"x": 1}}', b"{}", b"[1]", b"1", b"null", b'{"b": {"c": [1, {"d": null}]}}',
    b'{"a/b": 1}', b'{"x": 1.0}',
    b'{"x": 1, "x": 2}', b'{"x": 1} {"y": 2}', b"\xef\xbb\xbf{}", b'{"x": "\\ud800"}', b'{"v": 1}', b'{"m": 1}',
    b'{"x": 1e400}',
    b"x: 1\n", b"x: yes\ny: 0o7\n", b"- 1\n", b"x: &a 1\ny: *a\n", b"", b"{", b'{"": 1}', b'{"a%2Fb": 1}',
)  # fmt: skip
PACKAGES = (
    "a", "a.m", "a.b", "b", "ab", 'a["b/c"]', 'a["li%73ts"]', "system.authz", "A", 'a["x y"]', "a.b.c", 'a["é"]',
    "a.m.v", "data.a",
)  # fmt: skip
BODIES = (
    "v := 1", "v := 1\nw := data.a.x", "v if {", "v { true }", "v contains 1", "v[1]", "import rego.v1\nv if true",
    "", "package b",
    "v := f(1)\nf(x) := x", "v := data.lib.f(1)", "v := nope(1)", "m := 1", "x := 1", "b := {}", "v := v",
    "default v := 1",
    "default v := 1\ndefault v := 2", "v := 1\nv(x) := 2", "b.c := 1", "v := 1 if input.y == z", "v if not data.a.x",
)  # fmt: skip


def bundle(seed):
    """The bytes of one bundle."""
    dice = random.Random(seed)  # noqa: S311
    manifest = {"revision": "1", "roots": ["a"]}
    files = [
        ("a/m.rego", _module(dice) if dice.random() < 0.4 else b"package a.m\nv := 1\n"),
        ("a/data.json", b'{"x": 1}'),
    ]
    for _ in range(dice.choice((0, 0, 1, 1, 2))):
        name = dice.choice(NAMES)
        files.append((name, _module(dice) if name.endswith("rego") else dice.choice(DATA)))
    if dice.random() < 0.5:
        manifest |= _fields(dice)
    files.insert(dice.randrange(len(files) + 1), (".manifest", json.dumps(manifest).encode()))
    if dice.random() < 0.1:
        files.remove(dice.choice(files))
    parts = [_member(dice, name, content) for name, content in files]
    tar = b"".join(parts) + (END if dice.random() < 0.97 else dice.choice((b"", bytes(512), END + END, END + b"x")))
    return _compressed(dice, tar)


def _module(dice):
    return f"package {dice.choice(PACKAGES)}\n{dice.choice(BODIES)}\n".encode()


def _fields(dice):
    choices = {
        "revision": ("2", "", None, 3, "é", "1\n"),
        "roots": ROOTS,
        "rego_version": (0, 1, 2, None, 3, "1", 1.0),
        "file_rego_versions": ({"a/m.rego": 0}, {"/a/m.rego": 0}, {"*": 0}, {"a/*": 1, "*": 0}, {}, {"a/m.rego": 1.5}),
        "metadata": ({}, {"x": 1}, None, []),
        "wasm": ([], [{"entrypoint": "a/m/v", "module": "/policy.wasm"}], [{"entrypoint": "a%2Fm",
        "module": "policy.wasm"}]),
        "Roots": (["b"],),
    }  # fmt: skip
    names = dice.sample(list(choices), dice.choice((1, 1, 2)))
    return {name: dice.choice(choices[name]) for name in names}


def _member(dice, name, content):
    odd = dice.random()
    encoded = name.encode()
    if odd < 0.9:
        return member(encoded, content)
    return dice.choice(
        (
            lambda: pax(record(b"path", encoded)) + member(b"a/other.rego", content),
            lambda: member(encoded, content, kind=dice.choice((b"\0", b"7", b"5", b"2", b"x"))),
            lambda: member(encoded, content, mode=b"0000755\0", mtime=b"00000000007\0"),
            lambda: member(encoded, content, magic=b"ustar  \0"),
            lambda: member(encoded, content, prefix=b"a"),
            lambda: pax(record(b"size", b"%d" % len(content))) + member(encoded, content),
            lambda: member(encoded, content, padding=b"x"),
            lambda: member(b"a/", b"", kind=b"5") + member(encoded, content),
        )
    )()


def _compressed(dice, tar):
    odd = dice.random()
    if odd < 0.94:
        return gzip.compress(tar, mtime=0, compresslevel=dice.choice((1, 6, 9)))
    whole = gzip.compress(tar, mtime=0)
    return dice.choice(
        (
            whole[:-8],
            whole + b"x",
            whole + gzip.compress(b"x"),
            whole[:3] + b"\x08" + whole[4:10] + b"name\0" + whole[10:],
            zlib.compress(tar),
            whole[:-4] + b"\0\0\0\1",
        )
    )
