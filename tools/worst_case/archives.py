"""Archives of up to a mebibyte that unpack to much: of files, names, headers, manifests, signatures."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fixtures.bundles import tar
from tools.worst_case.genome import Genome
from tools.worst_case.texts import json_text, repeated, yaml_text

MOST_PACKED: Final = 1024 * 1024
_MOST_UNPACKED: Final = 160 * 1024 * 1024
"""What is grown is no larger: what would be is refused early by any reader, and takes long to grow."""
_MOST_TEXT: Final = 96 * 1024 * 1024
_NAMES: Final = (
    "data.json",
    "data.yaml",
    ".manifest",
    "a.rego",
    "policy.wasm",
    "x.txt",
    ".signatures.json",
    "patch.json",
    "x/.manifest",
)
_SEGMENTS: Final = ("a", "A", "%d", "é", "\u0301\u0323", "\U0001f600", "aaaaaaaa", "\u0130", ".", "\ufb03")


def packed(body: bytes, *, level: int = 8) -> bytes:
    """One gzip stream."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, 31)
    return deflate.compress(body) + deflate.flush()


def _fitting(make: Callable[[float], bytes]) -> bytes:
    """The largest of what `make` packs at smaller and smaller shares that fits into a mebibyte."""
    share = 1.0
    while True:
        content = packed(make(share))
        if len(content) <= MOST_PACKED:
            return content
        share *= 0.9 * MOST_PACKED / len(content)


def files(genome: Genome) -> bytes:
    """Many files, or one, of one kind, deep or flat."""
    name = genome.choice("name", _NAMES)
    count = genome.integer("files", 1, 100_001)
    depth = genome.integer("depth", 0, 70)
    segment = genome.choice("segment", _SEGMENTS)
    width = genome.integer("width", 1, 1_000)
    most = min(_MOST_TEXT // count, 64 * 1024 * 1024)
    text = yaml_text(genome, "text", min(most, 5 * 1024 * 1024)) if "yaml" in name else json_text(genome, "text", most)
    content, below = text.encode("utf-8", "replace"), f"{segment}/" * depth
    count = min(count, _MOST_UNPACKED // (len(content) + len(below) + width + 2_048))

    def made(share: float) -> bytes:
        own = segment * (width // max(len(segment), 1)) if count > 1 else ""
        names = (
            f"{below.replace('%d', str(at))}{f'{own}{at}/' if count > 1 else ''}{name}"
            for at in range(max(1, int(count * share)))
        )
        return b"".join(tar.members(names, content[: max(2, int(len(content) * share))])) + tar.END

    return _fitting(made)


def headers(genome: Genome) -> bytes:
    """Extended headers with many records, names in every spelling, directories."""
    kind = genome.choice("kind", (b"x", b"g", b"L", b"5", b"0"))
    keyword = genome.choice(
        "keyword", (b"comment", b"SCHILY.xattr.a", b"path", b"mtime", b"uid", b"a", b"SCHILY.xattr.\xff")
    )
    records = genome.integer("records", 1, 6_000)
    value = genome.choice("value", (b"", b"1", b"a" * 40, b"\xc3\xa9" * 20, b"\xff", b"\xcc\x81" * 400))
    distinct = genome.choice("distinct", (True, False))
    count = genome.integer("members", 1, 100_001)
    joined = b"".join(tar.record(keyword + (b"%d" % at if distinct else b""), value) for at in range(records))
    name = genome.choice(
        "name", ("a%d", "a/%d/b", "é%d", "\u0301\u0323" * 250 + "%d", "A%d", "a" * 90 + "%d", "\U0001f600%d")
    )

    count = min(count, _MOST_UNPACKED // (min(len(joined), 65_536) + 2_048))

    def made(share: float) -> bytes:
        entries = []
        for at in range(max(1, int(count * share))):
            if kind in b"xg":
                entries.append(tar.extension(kind, joined[:65_536]))
            elif kind == b"L":
                entries.append(tar.extension(kind, name.replace("%d", str(at)).encode() * min(records, 60)))
            own = name.replace("%d", str(at))
            entries += [tar.member(own, kind=kind)] if kind == b"5" else tar.members([own])
        return b"".join(entries) + tar.END

    return _fitting(made)


def manifests(genome: Genome) -> bytes:
    """One manifest with much of one thing."""
    field = genome.choice("field", ("roots", "wasm", "file_rego_versions", "metadata", "revision", "unknown", "Roots"))
    segments = genome.integer("segments", 1, 70)
    word = genome.choice("word", ("a", "", "aaaaaaaaaa", "é", "\U0001f600", "*"))
    count = genome.integer("count", 1, 2_000_000)

    def made(share: float) -> bytes:
        many = max(1, int(min(count, 48 * 1024 * 1024 // (segments * (len(word) + 1) + 12)) * share))
        path = "/".join([word] * segments)
        items: Mapping[str, Callable[[], str]] = {
            "roots": lambda: '{"roots":[' + repeated(f'"{path}%d"', many, ",") + "]}",
            "Roots": lambda: '{"roots":["a"],"metadata":{},' + repeated('"Roots%d":0', many, ",") + "}",
            "wasm": lambda: '{"wasm":[' + repeated(f'{{"entrypoint":"{path}%d","module":"a"}}', many, ",") + "]}",
            "file_rego_versions": lambda: '{"file_rego_versions":{' + repeated(f'"{path}%d":1', many, ",") + "}}",
            "metadata": lambda: '{"metadata":' + json_text(genome, "text", int(_MOST_TEXT * share)) + "}",
            "revision": lambda: '{"revision":"' + path * many + '"}',
            "unknown": lambda: "{" + repeated(f'"{path}%d":0', many, ",") + "}",
        }
        return tar.member(".manifest", items[field]().encode()) + tar.END

    return _fitting(made)


def signatures(genome: Genome) -> bytes:
    """A `.signatures.json` whose token nobody has signed, with much in its header or its payload."""
    where = genome.choice("where", ("payload", "files", "header", "beside", "tokens"))
    count = genome.integer("files", 1, 400_000)
    algorithm = genome.choice("algorithm", ("ES256", "none", "HS256"))

    def made(share: float) -> bytes:
        many, most = max(1, int(count * share)), int(48 * 1024 * 1024 * share)
        header = json_text(genome, "text", most) if where == "header" else f'{{"alg":"{algorithm}"}}'
        payload = json_text(genome, "text", most) if where == "payload" else '{"files":[]}'
        if where == "files":
            payload = '{"files":[' + repeated('{"name":"%d","hash":"aa","algorithm":"SHA-256"}', many, ",") + "]}"
        token = ".".join(_segment(each.encode("utf-8", "replace")) for each in (header, payload, "aa"))
        tokens = repeated(f'"{token}"', many if where == "tokens" and len(token) < 400 else 1, ",")
        beside = ',"a":' + json_text(genome, "text", most) if where == "beside" else ""
        document = f'{{"signatures":[{tokens}]{beside}}}'
        return tar.member(".signatures.json", document.encode("utf-8", "replace")) + tar.END

    return _fitting(made)


def sparse(genome: Genome) -> bytes:
    """Bytes that compress to nothing: zeros in members, behind them, between them, or streams beside each other."""
    where = genome.choice("where", ("member", "members", "behind", "streams", "rego", "directory"))
    size = genome.integer("size", 1, 1_000_000_000)
    count = genome.integer("count", 1, 50)
    tail = genome.choice("tail", (b"", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xff"))
    fill = genome.choice("fill", (b"\0", b"a", b"\xc3\xa9", b"# "))
    content = (fill * (min(size, 250_000_000) // len(fill)))[: max(0, min(size, 250_000_000) - 8)] + tail
    if where == "streams":
        return (packed(b"") * 50_000)[: MOST_PACKED - 1] + packed(tar.END)
    name = "a.rego" if where == "rego" else "a%d.wasm"

    def made(share: float) -> bytes:
        kept = content[: max(1, int(len(content) * share))]
        many = count if where == "members" and len(kept) * count < 3 * _MOST_UNPACKED else 1
        members = b"".join(tar.member(name.replace("%d", str(at)), kept) for at in range(many))
        return members + tar.END + (bytes(len(kept)) if where == "behind" else b"")

    return _fitting(made)


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


FAMILIES: Final[Sequence[Callable[[Genome], bytes]]] = (files, headers, manifests, signatures, sparse)
