"""The scene of an attack: its files on disk, and a ledger that has accepted what the catalogue says."""

from __future__ import annotations

import functools
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import verifier
from fixtures.attacks.build import build
from fixtures.attacks.catalogue import Attack
from fixtures.attacks.registry import BUNDLE, POLICIES
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from fixtures.bundles.golden import golden
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, VersionRange

SCOPE = "bundle:authz"
ACCEPTED_AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
_ORDER = Circumstances(now=ACCEPTED_AT, actor="operator")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where everything lies. `ledger` is the file, whatever was done to it."""

    attack: Attack
    folder: Path

    @property
    def policy(self) -> Path:
        return POLICIES / f"{self.attack.policy}.toml"

    @property
    def bundle(self) -> Path:
        return self.folder / BUNDLE

    @property
    def attestations(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json"))

    @property
    def ledger(self) -> Path:
        return self.folder / "state" / "ledger.db"

    @property
    def url(self) -> str:
        return f"sqlite://{self.ledger}"

    @property
    def command(self) -> list[str]:
        """The arguments of `verify` that judge this attack."""
        shared = ["--policy", str(self.policy), "--ledger", self.url, "--now", self.attack.now.isoformat()]
        if self.attack.is_verdict:
            more = [option for option in ("level", "max_age") if getattr(self.attack, option)]
            options = [text for name in more for text in (f"--{name.replace('_', '-')}", getattr(self.attack, name))]
            target = ["verdict", str(self.folder / VERDICT), "--subject", str(self.bundle)]
            return [*target, "--name", "authz", "--resource-uri", RESOURCE, *shared, *options]
        beside = [text for path in self.attestations for text in ("--attestation", str(path))]
        return ["bundle", str(self.bundle), "--name", self.attack.name, "--record", *shared, *beside]


def stage(attack: Attack, folder: Path) -> Scene:
    """Build the attack, and the ledger that it meets."""
    for file, content in build(attack.id).items():
        (folder / file).write_bytes(content)
    scene = Scene(attack=attack, folder=folder)
    scene.ledger.parent.mkdir(mode=0o700)
    withdrawn = str(Digest.of(scene.bundle.read_bytes())) if attack.quarantine == "content" else attack.quarantine
    shutil.copy(template(attack.accepted, attack.floor, withdrawn), scene.ledger)
    if attack.ledger:
        _DAMAGE[attack.ledger](scene.ledger)
    return scene


def document(path: Path):
    return verifier.Document(name=path.name, content=path.read_bytes())


class _Closed:
    """A ledger that could not be opened, as the engine is told of it."""

    def __init__(self, refusal):
        self.refusal = refusal

    def __enter__(self):
        return self.refusal

    def __exit__(self, *_):
        return None


def opened(scene):
    try:
        return verifier.open_ledger(scene.url)
    except Refused as refusal:
        return _Closed(refusal)


def state_of(ledger):
    """What a denial must not move (invariant I4); a damaged ledger has none."""
    if isinstance(ledger, Refused):
        return None
    try:
        moment = ledger.scopes()
    except Refused as refusal:
        return refusal.reasons
    return moment.states, moment.max_time_seen


def require_codes(attack, seen):
    """The catalogued codes and no others: each attack is a good bundle but for one thing."""
    # An attestation that does not count leaves one signature too few, which is said, too.
    consequence = {"signature.threshold-not-met"} if attack.area == "attestation" else set()
    assert seen - consequence == set(attack.codes) - consequence


@functools.cache
def template(accepted: tuple[str, ...], floor: str, withdrawn: str) -> Path:
    """A ledger that has accepted these golden bundles, made once."""
    folder = tempfile.TemporaryDirectory(prefix="ledger-")
    _FOLDERS.append(folder)
    path = Path(folder.name) / "ledger.db"
    verifier.create_ledger(f"sqlite://{path}")
    policy = verifier.load_policy(POLICIES / "default.toml")
    with verifier.open_ledger(f"sqlite://{path}") as ledger:
        for name in accepted:
            given = {"name": "authz", "policy": policy, "ledger": ledger, "record": True, "now": ACCEPTED_AT}
            assert verifier.verify(golden(name), **given).verdict.passed
        if floor:
            set_floor(ledger, SCOPE, Floor(version=floor, scheme=Scheme.SEMVER), _ORDER)
        if withdrawn.startswith("sha256:"):
            withdraw_digest(ledger, SCOPE, Digest.parse(withdrawn), _ORDER)
        elif withdrawn:
            one = VersionRange(lowest=withdrawn, highest=withdrawn, scheme=Scheme.SEMVER)
            withdraw_versions(ledger, SCOPE, one, _ORDER)
    return path


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def _edit(path: Path) -> None:
    """Lower the mark as an attacker would who has read the schema: the trigger goes, and comes back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (trigger,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'scope_step'").fetchone()
        connection.execute("DROP TRIGGER scope_step")
        changed = connection.execute("UPDATE scope SET state = replace(state, '1.1.0', '0.9.0')").rowcount
        connection.execute(trigger)
    assert changed == 1


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _replaced(path: Path) -> None:
    path.write_bytes(b"the ledger was here\n" * 100)


def _open(path: Path) -> None:
    path.parent.chmod(0o777)


_DAMAGE = {
    "removed": Path.unlink,
    "emptied": _emptied,
    "replaced": _replaced,
    "edited": _edit,
    "open": _open,
}
