"""Nothing that goes wrong beside it takes the last good bundle away for good."""

from datetime import timedelta

from tests.support.gateway.scene import OLD
from tests.support.loading.loading import Reachable
from tests.support.material import public_pem
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.gateway import server
from verifier.gateway.bundles.intake import Delivery, Intake, Unreached
from verifier.ledger.sqlite.store import open_ledger
from verifier.loading.loader import Loader
from verifier.sources.upstream import open_upstream
from verifier.trust.load import load_policy

RARELY = timedelta(days=1)
DELIVERY = Delivery(content=OLD, digest=Digest.of(OLD), validator="")


def test_a_reload_while_the_ledger_is_away_does_not_lose_what_was_good(scene, monkeypatch):
    monkeypatch.setattr(server, "REOPEN_S", 0.05)
    scene.publish(OLD)
    away = scene.folder / "away.db"
    with scene.running(scene.bundle(poll=RARELY)) as gateway:
        scene.saw("bundle.served")
        scene.ledger.rename(away)
        (scene.folder / "authz.tar.gz").unlink()
        assert scene.reload(gateway).name == "gateway.reloaded"
        assert gateway.ask().status == 503
        away.rename(scene.ledger)
        scene.saw("gateway.ledger-reopened")
        gateway.until(lambda: gateway.ask().status == 200)
        assert gateway.ask().body == OLD


def test_a_policy_that_was_wrong_for_a_while_does_not_lose_what_was_good(scene):
    scene.publish(OLD)
    right = (scene.folder / "p256.pub").read_bytes()
    with scene.running(scene.bundle(poll=RARELY)) as gateway:
        scene.saw("bundle.served")
        (scene.folder / "authz.tar.gz").unlink()
        (scene.folder / "p256.pub").write_bytes(public_pem("p256-2"))
        assert scene.reload(gateway).name == "gateway.reloaded"
        assert gateway.ask().status == 503
        (scene.folder / "p256.pub").write_bytes(right)
        assert scene.reload(gateway).name == "gateway.reloaded"
        assert gateway.ask().body == OLD


def test_a_ledger_that_goes_away_as_it_comes_back_does_not_lose_what_was_good(scene):
    gone = refuse("ledger.unavailable", "ledger", "no route to host")
    with open_ledger(scene.ledger) as opened:
        ledger = Reachable(opened)
        intake = _intake(scene, ledger)
        ledger.reading = gone
        assert intake.adopt(DELIVERY, "c").verdict.undecided
        assert isinstance(intake.take("c", wait=0), Unreached)
        ledger.found()
        assert intake.take("c", wait=0).verdict.passed
        assert intake.standing("c").verified.content == OLD
        assert isinstance(intake.take("c", wait=0), Unreached)


def _intake(scene, ledger):
    policy = load_policy(scene.folder / "trust.toml")
    settings = scene.bundle()
    upstream = open_upstream(settings.upstream, access=settings.access, limits=policy.limits)
    loader = Loader(policy, ledger)
    return Intake(settings, upstream=upstream, loader=loader, policy=policy, ledger=ledger, clock=scene.clock)
