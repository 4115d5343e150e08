"""`verify preload --out`, killed at 200 random points: the file is always a whole release, and the ledger knows it."""

import multiprocessing
import os
import random
import sys
from contextlib import suppress
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.signatures.material import NOW, private_key, public_pem
from tests.stories import NAME, URI, archive, signed
from verifier.core.uris import VERIFIER_ID
from verifier.engine import Request, verify_artifact
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite import create_ledger, open_ledger
from verifier.publish.attest import sign_summary
from verifier.trust.load import load_policy

KILLS = 200
AHEAD = 6
"""Releases that lie ready for a run, more than it loads before it is killed."""
LATEST_KILL_S = 0.05
POLICY = f"""
version = 1
id = "https://example.org/policy"
[signers.p256]
key = "p256.pub"
[signers.p384]
key = "p384.pub"
[artifacts."bundle:{NAME}"]
signatures = {{ from = ["p256"] }}
version = {{ from = "manifest.revision", scheme = "semver" }}
resource_uri = "{URI}"
[verifiers.ci]
signer = "p384"
id = "{VERIFIER_ID}"
"""
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["verifier.cli.preload", "tests.runtime.test_killed_hook"])


@pytest.fixture
def place(tmp_path):
    for key in ("p256", "p384"):
        (tmp_path / f"{key}.pub").write_bytes(public_pem(key))
    (tmp_path / "trust.toml").write_text(POLICY)
    create_ledger(tmp_path / "ledger.db")
    return tmp_path


def publish(place: Path, number: int) -> None:
    """Release `number`, and CI's verdict about it."""
    content = signed(archive(f"1.{number}.0"))
    policy = load_policy(place / "trust.toml")
    asked = Request(source=content, name=NAME, policy=policy, now=NOW, correlation_id="ci", verifier_id=VERIFIER_ID)
    verdict = sign_summary(
        verify_artifact(asked).verdict, key=private_key("p384"), keyid="p384", expires=NOW + timedelta(days=30)
    )
    (place / f"{number}.tar.gz").write_bytes(content)
    (place / f"{number}.json").write_bytes(verdict)


def load(place: Path, number: int) -> int:
    """`verify preload` of one release."""
    from verifier.cli.preload import Choices, decide  # noqa: PLC0415 - in the process that is killed

    return decide(
        Choices(
            artifact=place / f"{number}.tar.gz",
            verdict=place / f"{number}.json",
            policy=place / "trust.toml",
            name=NAME,
            ledger=f"sqlite://{place}/ledger.db",
            out=place / "loaded.tar.gz",
            now=NOW.isoformat(),
        )
    )


def keep_loading(place: Path, first: int, ready: Event) -> None:
    """Load one release after the other, and write each exit status down as soon as it is known."""
    ready.set()
    told = os.open(place / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with Path(os.devnull).open("w") as sys.stdout:
        for number in range(first, first + AHEAD):
            os.write(told, f"{number} {load(place, number)}\n".encode())


def kill_after(place: Path, first: int, seconds: float) -> None:
    ready = SERVER.Event()
    process = SERVER.Process(target=keep_loading, args=(place, first, ready))
    process.start()
    assert ready.wait(60)
    process.join(seconds)
    process.kill()
    process.join()


def marked(place: Path) -> int:
    """The release that the ledger stands at."""
    with open_ledger(place / "ledger.db") as ledger:
        state = ledger.fetch(f"bundle:{NAME}").state
    return int(state.mark.version.split(".")[1]) if state and state.mark else 0


def loaded(place: Path) -> int:
    """The release that the file is, byte for byte."""
    with suppress(FileNotFoundError):
        content = (place / "loaded.tar.gz").read_bytes()
        (number,) = (n for n in range(1, 10_000) if (place / f"{n}.tar.gz").read_bytes() == content)
        return number
    return 0


def test_a_hook_that_is_killed_leaves_the_old_file_or_the_new_one_and_a_ledger_that_knows_it(place):
    chance = random.Random(4)  # noqa: S311 - the same points every time
    mark = file = published = 0
    for _ in range(KILLS):
        while published < mark + AHEAD:
            published += 1
            publish(place, published)
        kill_after(place, mark + 1, chance.uniform(0, LATEST_KILL_S))
        before, mark, file_before, file = mark, marked(place), file, loaded(place)
        assert before <= mark
        assert file_before <= file <= mark
    told = [line.split() for line in (place / "told").read_text().splitlines()]
    assert len(told) > KILLS / 4, "it was killed before it did anything"
    assert mark > len({number for number, _ in told}) / 2
    assert {status for _, status in told} == {"0"}
    with open_ledger(place / "ledger.db") as ledger:
        assert ledger.check() > 0
        versions = [int(event.version.split(".")[1]) for event in ledger.history() if event.kind is EventKind.ACCEPTED]
    assert versions == sorted(versions)
    assert {int(number) for number, _ in told} <= set(versions)
    assert load(place, 1) == 1
    assert load(place, mark + 1 if mark < published else mark) == 0
    assert not list(place.glob(".loaded.tar.gz.*[0-9a-f]")), "what a killed run left lies there for ever"
