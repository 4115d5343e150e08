"""Layers of images, against the least that anybody must do: hash them, or unpack and hash them.

The sides are compared by the processor time that they take, and by the clock where threads are what is measured.
"""

from __future__ import annotations

import hashlib
import io
import random
import resource
import subprocess
import tarfile
import time
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.harness import Row, Side, peer
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.read import read_layer
from verifier.archives.layers.side_by_side import hash_layers
from verifier.core.digest import Digest
from verifier.files.folder import own_folder
from verifier.secrets.finding import SecretScan
from verifier.secrets.scanner import Scanner

LAYERS, LAYER_BYTES = 8, 128 * 1024 * 1024
ENTRIES, CONTENT_BYTES = 55_000, 620_000_000
_PIECE = 1024 * 1024
_ROUNDS = 3
_TAR = "application/vnd.oci.image.layer.v1.tar"


def rows(room: Path) -> Iterator[Row]:
    """Hashing in one thread and in two, the table of a large layer, and a search for secrets in it."""
    if peer("openssl") is None:
        yield Row(title="hashing layers", against="openssl dgst -sha256", note="openssl is not installed")
        return
    files = _plain_layers(room)
    layers = [_layer(path, f"layer {number}") for number, path in enumerate(files)]
    whole = [str(path) for path in files]
    openssl = partial(_run, ["openssl", "dgst", "-sha256", *whole])
    against = "openssl dgst -sha256 of the same files"
    for threads, by, target in ((1, "processor", 1.15), (2, "clock", 0.65)):
        title = f"hashing 1 GiB in {LAYERS} layers, {threads} thread{'s' * (threads > 1)}, by the {by}"
        ours = partial(hash_layers, layers, threads=threads)
        yield _compare(ours, openssl, title=title, against=against, target=target, by=by)
    packed = _large_layer(room)
    large = _layer(packed, "layer 0", media_type=f"{_TAR}+gzip")
    least = partial(_run, ["sh", "-c", f"gunzip -c {packed} | openssl dgst -sha256"])
    title = f"the table of a gzip layer of {ENTRIES:,} entries and 650 MB, by the processor"
    yield _compare(
        lambda: read_layer(large),
        least,
        title=title,
        against="gunzip, then openssl dgst -sha256",
        target=1.5,
        by="processor",
    )
    yield _compare(
        partial(_searched, large, own_folder(room / "rules")),
        least,
        title="the same, and every file searched for secrets, by the processor",
        against="gunzip | openssl dgst -sha256",
        target=3.0,
        by="processor",
    )


def _searched(layer: PackedLayer, compiled: Path) -> None:
    scanner = Scanner(cache=compiled)
    read_layer(layer, visit=scanner.of_layer(0))
    assert scanner.findings() == SecretScan()


def _compare(ours: Side, theirs: Side, *, title: str, against: str, target: float, by: str) -> Row:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            started, used = time.perf_counter(), _used()
            side()
            times.append(_used() - used if by == "processor" else time.perf_counter() - started)
    first, second = (sorted(times[1:])[_ROUNDS // 2] for times in taken)
    return Row(title=title, against=against, ours=first, theirs=second, target=target)


def _used() -> float:
    """Seconds of processor time that this process and its children have taken."""
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in parts)


def _run(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True)


def _layer(path: Path, subject: str, *, media_type: str = _TAR) -> PackedLayer:
    """A layer as an OCI layout hands it out: its bytes are held against the digest that they are asked for by."""
    digest = hashlib.file_digest(path.open("rb"), "sha256").hexdigest()

    def pieces() -> Iterator[bytes]:
        seen = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                seen.update(piece)
                yield piece
        assert seen.hexdigest() == digest

    checked = Digest(algorithm="sha256", value=digest)
    return PackedLayer(open=pieces, media_type=media_type, subject=subject, size=path.stat().st_size, checked=checked)


def _plain_layers(room: Path) -> list[Path]:
    paths = [room / f"layer-{number}.tar" for number in range(LAYERS)]
    for number, path in enumerate(paths):
        piece = random.Random(number).randbytes(_PIECE)  # noqa: S311 - anything does
        with path.open("wb") as file:
            for _ in range(LAYER_BYTES // _PIECE):
                file.write(piece)
    return paths


def _large_layer(room: Path) -> Path:
    """Files of all sizes in folders, as packages bring them: text that packs three to one."""
    chance = random.Random(1)  # noqa: S311 - anything does
    words = [chance.randbytes(chance.randrange(2, 9)).hex() for _ in range(5_000)]
    text = " ".join(chance.choices(words, k=400_000)).encode()
    packer = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
    path = room / "large.tar.gz"
    with path.open("wb") as file:
        for number in range(ENTRIES):
            file.write(packer.compress(_member(number, chance, text)))
        file.write(packer.compress(bytes(1024)) + packer.flush())
    return path


def _member(number: int, chance: random.Random, text: bytes) -> bytes:
    member = tarfile.TarInfo(f"usr/lib/python3/package{number // 40}/module_{number}.py")
    member.mode, member.mtime = chance.choice((0o644, 0o644, 0o755)), 1_700_000_000 + number
    if number % 40 == 0:
        member.name, member.type = f"usr/lib/python3/package{number // 40}", tarfile.DIRTYPE
    elif number % 40 == 1:
        member.type, member.linkname = tarfile.SYMTYPE, "module_0.py"
    else:
        member.size = int(chance.expovariate(ENTRIES / CONTENT_BYTES))
    start = chance.randrange(len(text) // 2)
    content = io.BytesIO((text[start:] + text)[: member.size].ljust(member.size, b"."))
    blocks = -(-member.size // 512) * 512
    return member.tobuf(tarfile.PAX_FORMAT) + content.read().ljust(blocks, b"\0")
