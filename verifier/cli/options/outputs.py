"""Where a command writes to, held apart from all that its options read.

Every path that is typed is an input, unless its option is one that is written to: a new option is covered as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from verifier.cli import settings
from verifier.cli.asking.place import BESIDE_A_LEDGER
from verifier.cli.options.option import Group
from verifier.cli.options.parameter import Parameter, parts
from verifier.core.errors import ConfigurationError
from verifier.files.output import Outputs

WRITTEN: Final = frozenset({"--out", "--detached", "--verdict-out", "--cache", "--output", "--attest"})
"""Options that name what is written."""
_TEXTS: Final = frozenset(
    {"--attestation", "--previous", "--previous-attestation", "--key", "--signing-key", "--trusted-root", "--ledger"}
)
"""Options that may name a file, and may name something else."""


def outputs(*groups: Group, **arguments: Path | str | tuple[Path | str, ...] | None) -> Outputs:
    """The outputs of a run that reads what `groups` and `arguments` name, the latter by what they are called."""
    inputs: dict[str, tuple[Path, ...]] = {"the default ledger": _ledger(settings.default_ledger_path())}
    for name, value in arguments.items():
        inputs[name.upper() if not name.startswith("_") else f"--{name[1:].replace('_', '-')}"] = _paths(value)
    for group in groups:
        for option, value in _said(group):
            inputs[option] = (*inputs.get(option, ()), *_paths(value))
    return Outputs(inputs)


def _said(group: Group) -> Iterator[tuple[str, Any]]:
    """What a group's options, and its groups', say of files that are read."""
    for name, each in parts(type(group)).items():
        value = getattr(group, name)
        if not isinstance(each, Parameter):
            yield from _said(value)
            continue
        flag = each.said.flags[0] if each.said.flags else each.said.metavar or name
        if flag not in WRITTEN and (flag in _TEXTS or _holds_path(value)):
            yield flag, value


def _holds_path(value: object) -> bool:
    return isinstance(value, Path) or (isinstance(value, tuple) and any(isinstance(each, Path) for each in value))


def _paths(value: object) -> tuple[Path, ...]:
    if isinstance(value, tuple):
        return tuple(path for each in value for path in _paths(each))
    if isinstance(value, Path):
        return (value,)
    if not isinstance(value, str) or "://" in value.removeprefix("sqlite://"):
        return ()
    if not value.startswith("sqlite:"):
        return (Path(value),)
    from verifier.ledger.sqlite.url import ledger_path  # noqa: PLC0415 - only where one is named

    try:
        return _ledger(ledger_path(value))
    except ConfigurationError:  # whoever opens it says why
        return ()


def _ledger(path: Path) -> tuple[Path, ...]:
    return tuple(path.parent / f"{path.name}{each}" for each in BESIDE_A_LEDGER)
