"""The inputs of the action, read strictly before anything is done.

* each input comes by an environment variable, `ASKED_` and its name; none is ever part of a shell's text
* a missing one, one of another form, and one that the action itself has to decide are refused by name, with what to do
* secrets are no part of it: a step that needs one has it in a variable of its own
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.action.runner import Misasked

KINDS = ("bundle", "image", "artifact")
MEMORIES = ("none", "file", "cache", "postgresql")
DECIDED_HERE = {
    "--policy": "policy",
    "--name": "name",
    "--attestation": "attestations",
    "--signature": "attestations",
    "--bundle": "attestations",
    "--previous": "previous",
    "--previous-attestation": "previous-attestations",
    "--previous-may-be-absent": "first-use",
    "--ledger": "memory",
    "--ledger-init": "first-use",
    "--record": "memory",
    "--no-record": "memory",
    "--verdict-out": "verdict",
    "--signing-key": "signing-key",
    "--passphrase-file": "signing-passphrase",
    "--keyless": "keyless",
    "--resource-uri": "resource-uri",
    "--verifier-id": "verifier-id",
    "--format": "reports",
    "--output": "reports",
    "--correlation-id": "nothing: it names the run",
    "--gate": "policy",
    "--kind": "kind",
    "--attach": "attestations",
    "--key": "policy, or publish-key",
    "--dry-run": "nothing: leave publish away instead",
    "--allow-older": "nothing: an older release is denied",
    "--now": "nothing: the time is the runner's",
    "--help": "nothing: it would do nothing, and end well",
}
"""Options that `arguments` and `publish-arguments` cannot have, and the input that has their place."""
HARMLESS = frozenset({"VERIFY_REGISTRIES", "VERIFY_DEBUG"})
"""Variables of the command that are no options."""
_LONGEST = 32_768
"""Characters of one input: all of them together are the arguments of one command."""
_HEAD = re.compile(r"\d{1,18}@sha256:[0-9a-f]{64}")
_OPTION = re.compile(r"(--[a-z][a-z0-9-]*)(=.*)?", re.DOTALL)
_MEMORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the action was asked. An empty text was not said; `first_use` is whether nothing may be there yet."""

    kind: str
    refs: tuple[str, ...]
    policy: str
    name: str
    resource_uri: str
    attestations: tuple[str, ...]
    arguments: tuple[str, ...]
    memory: str
    memory_name: str
    memory_file: str
    expect_head: str
    first_use: bool
    previous: tuple[str, ...]
    previous_attestations: tuple[str, ...]
    publish: str
    publish_arguments: tuple[str, ...]
    verdict: str
    keyless: bool
    verifier_id: str
    reports: str

    def text(self) -> str:
        """As a document, for the steps that follow."""
        return json.dumps(asdict(self), indent=2)


def again(file: str) -> Asked:
    """What an earlier step has read; raises `Misasked` where it has not."""
    try:
        document = json.loads(Path(file).read_text(encoding="utf-8"))
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        return Asked(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Misasked("ASKED", "is not what the first step wrote", "Run the steps in their order.") from error


def read(environment: Mapping[str, str]) -> Asked:
    """What the inputs say; raises `Misasked`."""
    given = _Inputs(environment)
    asked = Asked(
        kind=given.word("kind", KINDS),
        refs=given.lines("ref", needed="Say what is verified: a file, registry/repository:tag, oci://..."),
        policy=given.line("policy", needed="Name the trust policy's file; `verify trust init` makes one."),
        name=given.line("name"),
        resource_uri=given.line("resource-uri"),
        attestations=given.lines("attestations"),
        arguments=given.options("arguments"),
        memory=given.word("memory", MEMORIES),
        memory_name=given.line("memory-name") or "default",
        memory_file=given.line("memory-file"),
        expect_head=given.line("expect-head"),
        first_use=given.yes("first-use"),
        previous=given.lines("previous"),
        previous_attestations=given.lines("previous-attestations"),
        publish=given.line("publish"),
        publish_arguments=given.options("publish-arguments", allowed=frozenset({"--keyless"})),
        verdict=given.line("verdict"),
        keyless=given.yes("keyless"),
        verifier_id=given.line("verifier-id"),
        reports=given.line("reports"),
    )
    _require_sense(asked)
    _require_no_variables(environment)
    return asked


def _require_no_variables(environment: Mapping[str, str]) -> None:
    """Refuse options by environment: an earlier step could say by one what no input says."""
    found = next((name for name in sorted(environment) if name.startswith("VERIFY_") and name not in HARMLESS), None)
    if found is not None:
        raise Misasked(found, "is set, and would be an option of the command", "Take it away: use the inputs.")


def _require_sense(asked: Asked) -> None:
    """Refuse what would do nothing, or not what it looks like; raises `Misasked`."""
    _require_memory(asked)
    if asked.previous_attestations and not asked.previous:
        raise Misasked("previous-attestations", "are beside nothing", "Name what is published now as `previous`.")
    if asked.publish and asked.kind == "artifact":
        raise Misasked("publish", "takes a bundle or an image", "Publish a file by a step of your own, after this one.")
    if asked.publish_arguments and not asked.publish:
        raise Misasked("publish-arguments", "are about nothing", "Name where it is published to as `publish`.")
    if len(asked.refs) > 1 and (asked.publish or asked.verdict or asked.name):
        only = next(name for name in ("publish", "verdict", "name") if getattr(asked, name))
        raise Misasked("ref", f"has {len(asked.refs)} lines beside {only}", "Use the action once for each of them.")
    if asked.verdict and Path(asked.verdict).exists():
        raise Misasked(
            "verdict", f"{asked.verdict!r} is there already", "Name a file that is not: nothing is overwritten."
        )
    if asked.keyless and not asked.verdict:
        raise Misasked("keyless", "signs nothing", "Name the file of the signed verdict as `verdict`.")


def _require_memory(asked: Asked) -> None:
    if asked.memory == "none" and asked.expect_head:
        raise Misasked("expect-head", "is about a memory", "Say memory: file, cache or postgresql, or leave it away.")
    if asked.memory == "none" and asked.first_use and not asked.previous:
        hint = "Name what is published as `previous`, or keep a memory: docs/ci.md has the four ways."
        raise Misasked("first-use", "would let every release pass, an older one too", hint)
    if asked.expect_head and not _HEAD.fullmatch(asked.expect_head):
        hint = "Take it as an earlier run has given it out, as `head`: SEQUENCE@sha256:HEX."
        raise Misasked("expect-head", "is no head of a ledger", hint)
    if not _MEMORY_NAME.fullmatch(asked.memory_name):
        raise Misasked("memory-name", "is part of a key", "Use up to 64 letters, digits, dots, dashes and underscores.")
    if (asked.memory == "file") != bool(asked.memory_file):
        hint = "Say memory: file and memory-file: PATH, or neither."
        raise Misasked("memory-file", "is missing" if asked.memory == "file" else "is of no use here", hint)


class _Inputs:
    """The inputs by their names."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def _text(self, name: str) -> str:
        text = self._environment.get("ASKED_" + name.upper().replace("-", "_"), "").strip()
        if len(text) > _LONGEST:
            raise Misasked(name, f"has {len(text):,} characters", f"Keep it below {_LONGEST:,}: split the job.")
        # What a terminal or a log would take for an order, or would show as something else, is in no name of anything.
        if any(not each.isprintable() and each not in "\n\r\t" for each in text):
            raise Misasked(
                name, "has a character that nobody can see", "Write it anew; look for zero bytes and escapes."
            )
        return text

    def line(self, name: str, *, needed: str = "") -> str:
        """A text of one line; raises `Misasked` where it is `needed` and empty."""
        text = self._text(name)
        if "\n" in text or "\r" in text:
            raise Misasked(name, "has more than one line", "Say one thing, on one line.")
        if needed and not text:
            raise Misasked(name, "is missing", needed)
        return text

    def lines(self, name: str, *, needed: str = "") -> tuple[str, ...]:
        """Texts, one a line."""
        found = tuple(line.strip() for line in self._text(name).splitlines() if line.strip())
        if needed and not found:
            raise Misasked(name, "is missing", needed)
        return found

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """One of `words`."""
        text = self.line(name)
        if text not in words:
            said = f"is {text[:80]!r}" if text else "is missing"
            raise Misasked(name, said, f"Say one of {', '.join(words)}.")
        return text

    def yes(self, name: str) -> bool:
        """Whether it is true; raises `Misasked` for what is neither `true` nor `false`."""
        return self.word(name, ("true", "false")) == "true"

    def options(self, name: str, *, allowed: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Options of the command, one a line, none of which the action decides."""
        found = self.lines(name)
        for each in found:
            option = _OPTION.fullmatch(each)
            if option is None:
                hint = "Write one option a line, as --base=registry.acme.example/base:1."
                raise Misasked(name, f"has {each[:80]!r}, which is no option", hint)
            if option[1] in DECIDED_HERE and option[1] not in allowed:
                raise Misasked(name, f"has {option[1]}", f"That is said by the input {DECIDED_HERE[option[1]]}.")
        return found
