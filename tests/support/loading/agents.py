"""An agent at its socket in this process, and what its hooks load: releases with the verdicts of CI."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.material import private_key, public_pem
from tests.support.patience import PATIENCE_S
from tests.support.stories import NAME, URI, archive, signed
from verifier.agent import wire
from verifier.agent.client import ask
from verifier.agent.identity import identity_of
from verifier.agent.judge import Judge, ledger_identity
from verifier.agent.listening import listen_at
from verifier.agent.server import AgentServer
from verifier.agent.settings import AgentSettings, AgentSurroundings
from verifier.cli import inputs
from verifier.core.errors import ConfigurationError
from verifier.core.uris import VERIFIER_ID
from verifier.core.verdict import Verdict
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.files.sealed import sealed
from verifier.formats.verdict.dossier import Dossier
from verifier.gateway.events import Event
from verifier.ledger.open import create_ledger_url
from verifier.publish.attest import sign_vsa
from verifier.rego.built_in import BuiltInEngine
from verifier.reports.table import Screen, renderer
from verifier.trust.load import load_policy

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
SETTLED = timedelta(minutes=1)
"""How far the agents' clock is ahead: what the tests have just written was not written just now."""


def prepare(folder: Path) -> Path:
    """A folder with a policy, its keys and a ledger."""
    for key in ("p256", "p384"):
        (folder / f"{key}.pub").write_bytes(public_pem(key))
    (folder / "trust.toml").write_text(POLICY)
    create_ledger_url(url(folder))
    return folder


def url(folder: Path) -> str:
    return f"sqlite://{folder}/ledger.db"


def publish(folder: Path, revision: str) -> tuple[bytes, bytes]:
    """A release and CI's verdict about it, also as files named after it."""
    now = datetime.now(UTC)
    content = signed(archive(revision), now=now)
    policy = load_policy(folder / "trust.toml")
    asked = Request(source=content, name=NAME, policy=policy, now=now, correlation_id="ci", verifier_id=VERIFIER_ID)
    judged = verify_artifact(asked).verdict
    verdict = sign_vsa(judged, key=private_key("p384"), keyid="p384", expires=now + timedelta(days=30))
    (folder / f"{revision}.tar.gz").write_bytes(content)
    (folder / f"{revision}.json").write_bytes(verdict)
    return content, verdict


def fields(folder: Path, revision: str = "1.0.0", **said: str) -> list[tuple[str, str]]:
    """What a hook asks about a release that lies in `folder`; the verdict goes with it as it is."""
    usual = {
        "by": wire.BY_VERDICT,
        "kind": "bundle",
        "artifact": f"{folder}/{revision}.tar.gz",
        "folder": str(folder),
        "name": NAME,
        "policy": identity_of(f"{folder}/trust.toml"),
        "ledger": ledger_identity(url(folder)),
        "resource-uri": "",
        "correlation-id": "test",
        "record": "1",
        "format": "json",
        "detail": "usual",
        "columns": "100",
        "colours": "0",
    }
    return list((usual | said).items())


def with_documents(question: list[tuple[str, str]], *contents: bytes) -> bytes:
    """The record that asks this about an artifact with these documents beside it."""
    sizes = [("bytes", str(len(content))) for content in contents]
    return wire.written([*question, *(field for size in sizes for field in (("document", "beside.json"), size))])


def record_about(folder: Path, revision: str = "1.0.0") -> bytes:
    """What a hook sends about a release that lies in `folder`."""
    return with_documents(fields(folder, revision), (folder / f"{revision}.json").read_bytes())


def ask_about(socket: Path, question: list[tuple[str, str]], artifact: bytes, *beside: bytes) -> tuple[int, str]:
    """Ask about an artifact with these documents beside it: the exit status and the report."""
    descriptors, message = [sealed(artifact), sealed(b"".join(beside))], with_documents(question, *beside)
    try:
        return ask(str(socket), message, descriptors, trusted=frozenset(), deadline_s=PATIENCE_S)
    finally:
        for each in descriptors:
            os.close(each)


class Told:
    """The events of an agent, which may be waited for."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = threading.Condition()

    def take(self, event: Event) -> None:
        with self._more:
            self.events.append(event)
            self._more.notify_all()

    def names(self) -> list[str]:
        return [event.name for event in self.events]

    def wait_for(self, name: str, times: int = 1) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.names().count(name) >= times, PATIENCE_S)


class Agent:
    """A running agent, with what it has told of."""

    def __init__(self, folder: Path, server: AgentServer, told: Told) -> None:
        self.folder, self.socket, self.server = folder, folder / "agent.sock", server
        self.names, self.wait_for = told.names, told.wait_for

    def ask(self, revision: str = "1.0.0", **said: str) -> tuple[int, str]:
        """Ask about a release that lies in the folder."""
        contents = [(self.folder / f"{revision}.{end}").read_bytes() for end in ("tar.gz", "json")]
        return ask_about(self.socket, fields(self.folder, revision, **said), *contents)


def _ahead() -> datetime:
    return datetime.now(UTC) + SETTLED


@contextmanager
def agent(folder: Path, *, clock: Callable[[], datetime] = _ahead, **chosen) -> Iterator[Agent]:
    """An agent that listens in `folder`, for what `prepare` has put there."""
    told = Told()
    given = {"socket": folder / "agent.sock", "policy": folder / "trust.toml", "ledger": url(folder)}
    settings = AgentSettings(**(given | chosen))
    around = AgentSurroundings(
        read_policy=inputs.policy_file,
        clock=clock,
        observe=told.take,
        render=_report,
        styles=frozenset({"text", "json"}),
        rego=BuiltInEngine(),
        new_id=lambda: "new",
    )
    judge = Judge(settings, around)
    try:
        server = AgentServer(settings, around, [listen_at(folder / "agent.sock", settings.group)], judge)
    except ConfigurationError:
        judge.close()
        raise
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Agent(folder, server, told)
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def _report(decision: Verdict, reference: str, style: str, shown: Screen) -> str:
    return renderer(style)(Dossier(verdicts=(decision,), references=(reference,)), shown)


def codes(report: str) -> set[str]:
    """The codes of the errors in a JSON report."""

    return {reason["code"] for reason in json.loads(report)["reasons"] if reason["severity"] == "error"}
