"""What lies in a cache, and what can be done to it from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.material import NOW
from tests.support.stories import NAME
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.loading.cache.record import Good
from verifier.loading.question import Question

KEY = "ab" * 32


def files(folder: Path, *parts: str) -> list[Path]:
    return sorted(path for path in folder.joinpath(*parts).rglob("*") if path.is_file())


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in files(folder))


def rewrite(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(0o400)


def question(name=NAME, **changes) -> Question:
    chosen = {"kind": "bundle", "name": name, "location": "bundle:authz", "verdict": Document(name="v", content=b"vsa")}
    return Question(**(chosen | changes))


def good(content: bytes, name=NAME, key=KEY, **changes) -> Good:
    return Good(key=key, question=question(name, **changes), digest=Digest.of(content), confirmed=NOW)


def refused(ask, *arguments, **named) -> str:
    with pytest.raises(Refused) as caught:
        ask(*arguments, **named)
    return caught.value.reasons[0].code
