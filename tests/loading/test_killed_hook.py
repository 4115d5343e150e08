"""`verify preload --out`, killed at 200 random points: the file is always a whole release, and the ledger knows it."""

import multiprocessing
import os
import random
import sys
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.support.material import NOW, private_key, public_pem
from tests.support.patience import PATIENCE_S
from tests.support.stories import NAME, URI, archive, signed
from verifier.core.uris import VERIFIER_ID
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.publish.attest import sign_vsa
from verifier.trust.load import load_policy

KILLS = 200
AHEAD = 6
"""Releases that lie ready for a run, more than it loads before it is killed."""
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
# Everything that a run loads late, so that it is killed at its work and not at an import.
_LATE = ["verifier.trust.parse", "verifier.ledger.sqlite.store", "verifier.publish.files", "verifier.reports.terminal"]
SERVER.set_forkserver_preload(["verifier.cli.preload.decide", "tests.loading.test_killed_hook", *_LATE])


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
    verdict = sign_vsa(
        verify_artifact(asked).verdict, key=private_key("p384"), keyid="p384", expires=NOW + timedelta(days=30)
    )
    (place / f"{number}.tar.gz").write_bytes(content)
    (place / f"{number}.json").write_bytes(verdict)


def load(place: Path, number: int) -> int:
    """`verify preload` of one release."""
    from verifier.cli.options.answer import Answer  # noqa: PLC0415 - in the process that is killed
    from verifier.cli.options.ledger import Advancing  # noqa: PLC0415 - as above
    from verifier.cli.options.named import Named  # noqa: PLC0415 - as above
    from verifier.cli.preload.decide import decide  # noqa: PLC0415 - as above
    from verifier.cli.preload.hook import Hook  # noqa: PLC0415 - as above

    return decide(
        Hook(
            artifact=place / f"{number}.tar.gz",
            verdict=place / f"{number}.json",
            policy=place / "trust.toml",
            out=place / "loaded.tar.gz",
        ),
        Named(name=NAME),
        Advancing(ledger=f"sqlite://{place}/ledger.db"),
        Answer(now=NOW.isoformat()),
    )


def keep_loading(place: Path, first: int, told: Connection) -> None:
    """Load one release after the other, and tell each exit status as soon as it is known."""
    told.send("ready")
    with Path(os.devnull).open("w") as sys.stdout:
        for number in range(first, first + AHEAD):
            told.send((number, load(place, number)))


def kill_after(place: Path, first: int, loads: int, seconds: float) -> list[tuple[int, int]]:
    """Run the loader until it has told of so many loads, for a moment more, and kill it; all that it told."""
    hears, told = SERVER.Pipe(duplex=False)
    process = SERVER.Process(target=keep_loading, args=(place, first, told))
    process.start()
    told.close()
    heard = [hear(hears) for _ in range(1 + loads)]
    process.join(seconds)
    process.kill()
    process.join()
    with suppress(EOFError):
        while True:
            heard.append(hear(hears))
    return heard[1:]


def hear(hears: Connection):
    assert hears.poll(PATIENCE_S)
    return hears.recv()


def marked(place: Path) -> int:
    """The release that the ledger stands at."""
    with open_ledger(place / "ledger.db") as ledger:
        state = ledger.fetch(f"bundle:{NAME}").state
    return int(state.mark.version.split(".")[1]) if state and state.mark else 0


def loaded(place: Path) -> int:
    """The release that the file is, byte for byte."""
    content = (place / "loaded.tar.gz").read_bytes()
    (number,) = (int(path.name.split(".")[0]) for path in place.glob("[0-9]*.gz") if path.read_bytes() == content)
    return number


def test_a_hook_that_is_killed_leaves_the_old_file_or_the_new_one_and_a_ledger_that_knows_it(place):
    chance = random.Random(4)  # noqa: S311 - the same points every time
    published = 0
    for number in range(1, AHEAD + 1):
        publish(place, published := number)
    started = time.perf_counter()
    told = kill_after(place, 1, AHEAD, PATIENCE_S)
    one_load_s = (time.perf_counter() - started) / AHEAD  # the scale of the points, nothing more
    mark, file = marked(place), loaded(place)
    assert mark == file == AHEAD
    for _ in range(KILLS):
        while published < mark + AHEAD:
            published += 1
            publish(place, published)
        told += kill_after(place, mark + 1, chance.randrange(3), chance.uniform(0, 1.5 * one_load_s))
        before, mark, file_before, file = mark, marked(place), file, loaded(place)
        assert before <= mark
        assert file_before <= file <= mark
    assert {status for _, status in told} == {0}
    with open_ledger(place / "ledger.db") as ledger:
        assert check(ledger).head.sequence > 0
        versions = [int(event.version.split(".")[1]) for event in history(ledger) if event.kind is EventKind.ACCEPTED]
    assert versions == sorted(versions)
    assert {number for number, _ in told} <= set(versions)
    assert load(place, 1) == 1
    assert load(place, mark + 1 if mark < published else mark) == 0
    assert not list(place.glob(".loaded.tar.gz.*[0-9a-f]")), "what a killed run left lies there for ever"
