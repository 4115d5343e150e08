"""The command on a large bundle, whole process, against a real OPA that loads the same bundle and verifies it.

Loading is more than verifying: OPA parses and compiles every module. The second row leaves that out: the same contents
under names that OPA hashes and verifies, and has no other use for. Ours compiles a module once: the run that is not
counted does, and the others find what it left.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.harness import Row, Side, compare, peer, process, python
from benchmarks.samples import Sample

_LOADS = 1
"""OPA takes half a minute for one, and the ratio is far from its target."""
_COLD = 3
_VERIFICATIONS = 9


def rows(room: Path) -> Iterator[Row]:
    """OPA's loading as it is, and without modules."""
    opa = peer("opa")
    if opa is None:
        yield Row(title="`verify bundle`, large", against="`opa run`", target=1.0, note="opa is not on PATH")
        return
    large, opaque = samples.large(room), samples.opaque(room)
    yield compare(
        process(verify_command(large), room),
        opa_load(opa, large, room),
        title="`verify bundle`, whole process, the large bundle",
        against="`opa run --verification-key`, whole process, loading it",
        rounds=_LOADS,
        target=1.0,
    )
    yield compare(
        process(verify_command(opaque), room),
        opa_load(opa, opaque, room),
        title="`verify bundle`, whole process, the same contents without modules",
        against="`opa run --verification-key`, whole process, with nothing to parse or compile but data",
        rounds=_VERIFICATIONS,
    )
    yield from _compiling(room)


def _compiling(room: Path) -> Iterator[Row]:
    """What compilers cost, which is once."""
    modules, plain = samples.modules(room), samples.modules(room, ".txt")
    again = process(verify_command(modules), room)
    known = room / "cache"

    def cold() -> None:
        shutil.rmtree(known, ignore_errors=True)
        again()

    yield compare(
        cold,
        again,
        title="`verify bundle`, whole process, 400 modules that it never saw",
        against="the same modules, which it has seen: the difference is the compiler's",
        rounds=_COLD,
    )
    yield compare(
        again,
        process(verify_command(plain), room),
        title="`verify bundle`, whole process, 400 modules that it has seen",
        against="the same contents under names that are no modules'",
        rounds=_VERIFICATIONS,
        target=1.1,
    )


def verify_command(sample: Sample) -> list[str]:
    """`verify bundle` with a key."""
    return python("-m", "verifier", "bundle", str(sample.bundle_path), "--key", str(sample.key_path))


def opa_load(opa: str, sample: Sample, room: Path) -> Side:
    """OPA's interactive mode at the end of its input: it loads, verifies and exits."""
    options = ["--verification-key", str(sample.key_path), "--signing-alg", samples.ALGORITHM, "--skip-version-check"]
    return process([opa, "run", "--bundle", str(sample.bundle_path), *options], room)
