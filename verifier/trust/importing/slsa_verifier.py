"""slsa-verifier's flags (`verify-artifact`, `verify-image`): the builders that it trusts, as signers and builders here.

* without `--builder-id` these are the workflows of slsa-github-generator that it trusts by default, at any release
* the certificate names the builder's workflow, and its claims the repository whose run it was
* parameters that nobody has named are denied here; slsa-verifier does not look at them

Source: slsa-verifier `verifiers/internal/gha/builder.go`, `cli/slsa-verifier/verify/options.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.formats.intoto.provenance import PROVENANCE_TYPES
from verifier.trust.importing.draft import Draft, Party, Remark, Wanted, keyless_party, quoted
from verifier.trust.importing.flags import Flags, read_flags
from verifier.trust.importing.images import of_kyverno
from verifier.trust.importing.policy_controller import UNORDERED
from verifier.trust.vocabulary import is_plain_name

_GITHUB: Final = "https://token.actions.githubusercontent.com"
_GENERATOR: Final = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
_DEFAULT: Final = {
    "verify-artifact": ("generator_generic_slsa3.yml", "builder_go_slsa3.yml", "builder_docker-based_slsa3.yml"),
    "verify-image": ("generator_container_slsa3.yml",),
}
_DELEGATOR: Final = "delegator_generic_slsa3.yml"
_VALUED: Final = frozenset(
    {
        *("--source-uri", "--source-branch", "--source-tag", "--source-versioned-tag", "--builder-id"),
        *("--build-workflow-input", "--provenance-path", "--provenance-repository", "--attestation-path"),
    }
)
_RELEASE: Final = "@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+"
_VERSION: Final = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,2}\Z")
_LEVEL: Final = 3


def read(words: Sequence[str], *, artifact: str | None) -> Draft:
    """The draft of a command line; raises `ConfigurationError` for what is none of a kind that has an equal."""
    flags = read_flags(words, valued=_VALUED, switches=frozenset({"--print-provenance"}))
    plain = [each for each in flags.words if each != "slsa-verifier"]
    command = plain.pop(0) if plain and plain[0].startswith("verify-") else "verify-artifact"
    if command not in _DEFAULT:
        message = f"{command} has no equal: only verify-artifact and verify-image are imported"
        raise ConfigurationError(message, where="slsa-verifier")
    source = flags.one("--source-uri")
    if not source:
        raise ConfigurationError("says whose build it is, and slsa-verifier demands it", where="--source-uri")
    repository = source.removeprefix("git+").removeprefix("https://").rstrip("/")
    if not repository.startswith("github.com/") or repository.count("/") != 2 or "*" in repository:
        message = f"{source!r:.200} is no repository on GitHub, as in github.com/OWNER/NAME"
        raise ConfigurationError(message, where="--source-uri")
    parties = tuple(_parties(flags, command, repository))
    rule = Wanted(
        pattern=artifact or _pattern(command, plain, repository),
        origin=f"slsa-verifier {command}",
        parties=tuple(each for each in parties if isinstance(each, Party)),
        signatures=(("attestations", f"[{', '.join(map(quoted, PROVENANCE_TYPES))}]"),),
        lines=(UNORDERED,),
        tables=(),
        remarks=(*flags.remarks, *(each for each in parties if isinstance(each, Remark)), *_of_flags(flags)),
    )
    return _with_provenance(rule, flags, repository)


def _pattern(command: str, plain: Sequence[str], repository: str) -> str:
    if command == "verify-image":
        return of_kyverno(plain[0]).pattern if plain else f"image:ghcr.io/{repository.removeprefix('github.com/')}"
    name = plain[0].rpartition("/")[2] if len(plain) == 1 else repository.rpartition("/")[2]
    if not is_plain_name(name):
        raise ConfigurationError("say what the artifact is called, as in artifact:app", where="--artifact")
    return f"artifact:{name}"


def _workflows(flags: Flags, command: str) -> tuple[tuple[str, str], ...]:
    """The workflows whose certificates count, each with the builder's id as provenance states it (a glob)."""
    asked = flags.one("--builder-id")
    if not asked:
        return tuple((name, f"{_GENERATOR}{name}@refs/tags/v*") for name in _DEFAULT[command])
    stem, at, ref = asked.partition("@")
    if not stem.startswith("https://github.com/"):
        message = f"{asked!r:.200} is no workflow on GitHub: of other builders only keys and identities are imported"
        raise ConfigurationError(message, where="--builder-id")
    stated = f"{stem}@{ref if ref.startswith('refs/') else f'refs/tags/{ref}'}" if at else f"{stem}@refs/tags/v*"
    if stem.startswith(_GENERATOR):
        return ((stem.removeprefix(_GENERATOR), stated),)
    return ((_DELEGATOR, stated),)


def _parties(flags: Flags, command: str, repository: str) -> Iterator[Party | Remark]:
    for name, stated in _workflows(flags, command):
        # A builder of one release signs as that release; what it states of itself is not all that is compared.
        one = f"@{stated.partition('@')[2]}" if stated.startswith(f"{_GENERATOR}{name}@") and "*" not in stated else ""
        yield keyless_party(
            _label(name),
            where="--builder-id",
            issuer=_GITHUB,
            identity=f"{_GENERATOR}{name}{one}" if one else "",
            identity_regexp="" if one else f"^{_escaped(f'{_GENERATOR}{name}')}{_RELEASE}$",
            claims=(("repository", f"https://{repository}"),),
        )


def _escaped(text: str) -> str:
    return text.replace(".", "\\.")


def _label(workflow: str) -> str:
    return workflow.partition(".")[0].replace("_", "-")


def _of_flags(flags: Flags) -> Iterator[Remark]:
    for each in flags.values.get("--build-workflow-input", ()):
        message = f"{each.partition('=')[0]}: inputs of a run are parameters here: write `external_parameters`"
        yield Remark(effect="weaker", where="--build-workflow-input", message=message)
    message = "parameters that no rule expects are denied here: `external_parameters`, `ignore_parameters`"
    yield Remark(effect="stronger", where="--source-uri", message=message)
    if flags.values.get("--provenance-repository"):
        message = "provenance elsewhere is not looked for here: give it with --attestation"
        yield Remark(effect="stronger", where="--provenance-repository", message=message)


def _ref(flags: Flags) -> tuple[str, Remark | None]:
    tag, branch, version = (flags.one(f"--source-{each}") for each in ("tag", "branch", "versioned-tag"))
    given = [each for each in (tag, branch, version) if each]
    for each in given:
        if "*" in each:
            raise ConfigurationError(f"{each!r:.200} is no name that git has: a star", where="--source-tag")
    if len(given) > 1:
        return "", Remark(effect="weaker", where="--source-tag", message="a tag and a branch: a build has one ref here")
    if tag:
        return f"refs/tags/{tag}", None
    if branch:
        return f"refs/heads/{branch}", None
    if not version:
        return "", None
    if not _VERSION.match(version) or version.count(".") == 2:
        return f"refs/tags/{version}", None
    message = f"every tag that begins with {version}. passes here, also one that is no version, as {version}.x/other"
    return f"refs/tags/{version}.*", Remark(effect="weaker", where="--source-versioned-tag", message=message)


def _with_provenance(rule: Wanted, flags: Flags, repository: str) -> Draft:
    ref, remark = _ref(flags)
    command = rule.origin.rpartition(" ")[2]
    named = {_label(name): stated for name, stated in _workflows(flags, command)}
    names = ", ".join(quoted(each.name) for each in rule.parties)
    demand = [
        f"[artifacts.{quoted(rule.pattern)}.provenance]",
        f"level = {_LEVEL}",
        f"builders = [{names}]",
        f"source = {quoted(f'git+https://{repository}')}",
        *([f"ref = {quoted(ref)}"] if ref else []),
    ]
    builders = tuple(
        f"[builders.{quoted(each.name)}]\nsigner = {quoted(each.name)}\n"
        f"id = {quoted(named[each.name])}\nlevel = {_LEVEL}\n"
        for each in rule.parties
    )
    whole = Wanted(
        pattern=rule.pattern,
        origin=rule.origin,
        parties=rule.parties,
        signatures=rule.signatures,
        lines=rule.lines,
        tables=("\n".join(demand) + "\n",),
        remarks=(*rule.remarks, *((remark,) if remark is not None else ())),
    )
    return Draft(source="slsa-verifier's flags", rules=(whole,), tables=builders)
