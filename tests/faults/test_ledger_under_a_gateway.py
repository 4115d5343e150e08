"""A SQLite ledger that is taken away, exchanged or held while a gateway runs: nothing goes back, and it mends."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.support.gateway.scene import NEW, OLD, release
from tests.support.ledgers.invariants import require_invariants
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from tests.support.peers.peers import missing
from verifier.ledger.history import check
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite import store as sqlite
from verifier.ledger.sqlite.store import create_ledger, open_ledger

NEWEST = release("1.2.0")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A lost ledger is looked for all the time."""
    monkeypatch.setattr("verifier.gateway.server.REOPEN_S", 0.02)


@pytest.fixture
def brief(monkeypatch):
    """A held ledger is not waited for long."""
    monkeypatch.setitem(sqlite.open_ledger.__kwdefaults__, "lock_seconds", 0.1)


@pytest.fixture
def older(scene) -> Path:
    """A copy of the ledger from when OLD had just been accepted."""
    scene.publish(OLD)
    with scene.running():
        scene.saw("bundle.accepted", version="1.0.0")
    return Path(shutil.copy(scene.ledger, scene.folder / "older.db"))


@pytest.fixture
def gateway(scene, older):
    """Serves NEW."""
    scene.publish(NEW)
    with scene.running() as gateway:
        scene.saw("bundle.served", version="1.1.0")
        yield gateway


def take_away(ledger: Path) -> None:
    """The file with its write-ahead log, as an open ledger has one."""
    for name in (ledger.name, f"{ledger.name}-wal", f"{ledger.name}-shm"):
        ledger.with_name(name).unlink()


def put_in_its_place(content: Path, ledger: Path) -> None:
    take_away(ledger)
    content.replace(ledger)


def recovered(scene, gateway) -> None:
    """The newest release comes through; everything older is refused, also by the ledger that is there now."""
    scene.publish(OLD)
    scene.saw("bundle.refused", codes=["version.rollback"])
    assert gateway.ask().body == NEW
    scene.publish(NEWEST)
    scene.saw("bundle.served", version="1.2.0")
    with open_ledger(scene.ledger) as ledger:
        require_invariants(ledger, told=[("bundle:authz", "1.1.0"), ("bundle:authz", "1.2.0")])


class TestTakenAway:
    def test_nothing_is_served_by_a_ledger_that_nobody_else_sees(self, scene, gateway):
        scene.ledger.rename(scene.folder / "away.db")
        assert gateway.ask().codes == ["ledger.unavailable"]
        scene.publish(NEWEST)
        assert scene.saw("bundle.refused", version="1.2.0").facts["codes"] == ["ledger.unavailable"]
        assert gateway.ask().codes == ["ledger.unavailable"]
        state = gateway.status()
        assert (state["state"], state["reasons"][0]["code"]) == ("withheld", "ledger.unavailable")

    def test_it_goes_on_once_the_ledger_is_back(self, scene, gateway):
        away = scene.ledger.rename(scene.folder / "away.db")
        assert gateway.ask().status == 503
        away.rename(scene.ledger)
        gateway.until(lambda: gateway.ask().status == 200)
        recovered(scene, gateway)

    def test_an_empty_one_in_its_place_learns_what_was_reached(self, scene, gateway):
        take_away(scene.ledger)
        assert gateway.ask().status == 503
        create_ledger(scene.ledger)
        gateway.until(lambda: gateway.ask().status == 200)
        recovered(scene, gateway)


class TestExchanged:
    def test_an_older_copy_is_not_believed_and_learns_what_was_reached(self, scene, gateway, older):
        put_in_its_place(older, scene.ledger)
        first = gateway.ask()
        assert first.body == NEW or first.codes == ["ledger.corrupt"]
        scene.saw("gateway.ledger-reopened")
        assert gateway.ask().body == NEW
        recovered(scene, gateway)

    def test_what_an_operator_orders_in_the_new_one_binds(self, scene, gateway, older):
        put_in_its_place(older, scene.ledger)
        scene.quarantine(NEW)
        for _ in range(5):
            assert gateway.ask().status == 503
        scene.publish(NEWEST)
        scene.saw("bundle.served", version="1.2.0")

    @pytest.mark.parametrize("content", [b"", b"nonsense" * 999], ids=["empty", "noise"])
    def test_what_is_no_ledger_is_not_used_until_the_right_one_is_there(self, scene, gateway, content):
        with open_ledger(scene.ledger) as ledger:
            check(ledger)
        saved = Path(shutil.copy(scene.ledger, scene.folder / "saved.db"))
        (scene.folder / "noise.db").write_bytes(content)
        (scene.folder / "noise.db").chmod(0o600)
        put_in_its_place(scene.folder / "noise.db", scene.ledger)
        for _ in range(5):
            assert gateway.ask().codes == ["ledger.corrupt"]
        saved.replace(scene.ledger)
        gateway.until(lambda: gateway.ask().status == 200)
        assert gateway.ask().body == NEW

    def test_an_older_copy_at_the_next_start_is_not_believed_by_who_has_a_cache(self, scene, older):
        cache = scene.folder / "cache"
        scene.publish(NEW)
        with scene.running(cache=cache):
            scene.saw("bundle.served", version="1.1.0")
        newest = Path(shutil.copy(scene.ledger, scene.folder / "newest.db"))
        older.replace(scene.ledger)
        scene.publish(OLD)
        with scene.running(cache=cache) as gateway:
            assert scene.saw("bundle.refused").facts["codes"] == ["ledger.corrupt"]
            assert gateway.ask().codes == ["ledger.corrupt"]
            newest.replace(scene.ledger)
            gateway.until(lambda: gateway.ask().status == 200)
            recovered(scene, gateway)


@contextmanager
def held(ledger: Path):
    """Another process is writing."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


class TestHeld:
    @pytest.mark.usefixtures("brief")
    def test_what_is_newer_waits_and_what_stands_is_served(self, scene, gateway):
        with held(scene.ledger):
            scene.publish(NEWEST)
            assert scene.saw("bundle.refused", version="1.2.0").facts["codes"] == ["ledger.locked"]
            assert gateway.ask().body == NEW
            assert gateway.status()["lastRefusal"]["reasons"][0]["code"] == "ledger.locked"
        scene.saw("bundle.served", version="1.2.0")
        assert gateway.ask().body == NEWEST

    def test_who_asks_does_not_wait_for_who_waits_to_write(self, scene, monkeypatch):
        monkeypatch.setitem(sqlite.open_ledger.__kwdefaults__, "lock_seconds", FOR_EVER_S)
        scene.publish(NEW)
        with scene.running() as gateway, ThreadPoolExecutor(1) as client:
            scene.saw("bundle.served", version="1.1.0")
            with held(scene.ledger):
                scene.publish(NEWEST)
                for _ in range(100):
                    assert client.submit(gateway.ask).result(PATIENCE_S).body == NEW
            scene.saw("bundle.served", version="1.2.0")

    @pytest.mark.usefixtures("brief")
    def test_a_refusal_that_cannot_be_written_down_is_a_refusal(self, scene, gateway):
        with held(scene.ledger):
            scene.publish(OLD)
            codes = scene.saw("bundle.refused", version="1.0.0").facts["codes"]
            assert set(codes) == {"version.rollback"}  # that it could not be written down is a warning
            assert gateway.ask().body == NEW
        scene.clock.pass_by(minutes=2)  # it is looked at again
        gateway.until(lambda: scene.history()[-1].reasons == ("version.rollback",))


@contextmanager
def read_only(folder: Path):
    """Nobody may write to the folder: for root, too, a read-only mount is."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    for command in (["mount", "--bind", folder, folder], ["mount", "-o", "remount,ro,bind", folder]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"a folder cannot be made read-only here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_read_only_folder_serves_nothing_until_it_can_be_written_to(scene):
    folder = scene.folder / "ledgers"
    folder.mkdir(mode=0o700)
    create_ledger(folder / "ledger.db")
    scene.ledger = folder / "ledger.db"
    scene.publish(OLD)
    with ExitStack() as stack:
        stack.enter_context(read_only(folder))
        with scene.running() as gateway:
            scene.saw("bundle.refused")
            assert "ledger.unavailable" in gateway.ask().codes
            stack.close()
            gateway.until(lambda: gateway.ask().status == 200)
    assert [event.kind for event in scene.history()] == [EventKind.ACCEPTED]
