"""The stage of `verify demo`: the example policies of this project as three releases, and one of them tampered with."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from verifier.core.errors import ConfigurationError
from verifier.formats.json.write import spaced

_FOR_A_COMPILER = ("capabilities =", "organisation =")


def build_stage(folder: Path) -> None:
    """Lay out the sources of three releases, and the trust policy."""
    source = _example()
    for name, revision in (("source-1.0.0", "1.0.0"), ("source-1.1.0", "1.1.0"), ("rebuilt-1.1.0", "1.1.0")):
        shutil.copytree(source / "bundle", folder / name)
        manifest = {"revision": revision, "roots": ["authz", "roles"], "rego_version": 1}
        (folder / name / ".manifest").write_text(spaced(manifest))
    with (folder / "rebuilt-1.1.0" / "authz" / "policy.rego").open("a") as module:
        module.write('\nallow if input.user == "mallory"\n')
    shutil.copytree(source / "rego", folder / "rego")
    shutil.copy(source / "trust.toml", folder / "trust.toml")


def without_a_compiler(folder: Path) -> str:
    """Without a Rego compiler, drop what the policy asks of one; returns what is missing, in words."""
    from verifier.core.rego import RegoModule  # noqa: PLC0415
    from verifier.rego.regocpp import RegoCppEngine  # noqa: PLC0415

    (analysis,) = RegoCppEngine().analyse([RegoModule(path="probe.rego", source="package probe")])
    if not analysis.hint:
        return ""
    policy = folder / "trust.toml"
    kept = [line for line in policy.read_text().splitlines() if not line.startswith(_FOR_A_COMPILER)]
    policy.write_text("\n".join(kept) + "\n")
    return f"The demo goes without capabilities and rules in Rego. {analysis.hint}"


def tamper(folder: Path) -> None:
    """Change one byte of one policy, and pack the archive again as anyone can."""
    from verifier.archives.archive import read_archive  # noqa: PLC0415
    from verifier.archives.pack import replace_member  # noqa: PLC0415
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.core.reading import ReadingMode  # noqa: PLC0415

    content = (folder / "authz-1.1.0.tar.gz").read_bytes()
    archive = read_archive(content, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="demo")
    member = next(member for member in archive.members if member.path.endswith("policy.rego"))
    changed = bytes(member.content).replace(b"default allow := false", b"default allow := true ")
    (folder / "tampered.tar.gz").write_bytes(replace_member(archive, member.path, changed))


def _example() -> Path:
    """The project's example policies: inside the installed package, or beside it in a checkout."""
    packaged = Path(str(resources.files("verifier"))) / "example"
    beside = packaged.parent.parent / "policies"
    for candidate in (packaged, beside):
        if (candidate / "trust.toml").is_file():
            return candidate
    raise ConfigurationError("the example policies are missing from this installation", where="verify demo")
