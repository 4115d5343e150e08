"""Archives that were packed as `tar czf FILE .`, whose names all begin with './': said once, and how to pack."""

from __future__ import annotations

from verifier.archives.findings import Findings

MESSAGE = "names begin with './', as `tar czf FILE .` packs them, and no signed file is called so"
HOW_TO_PACK = (
    "Pack the names, not '.': `opa build` and `verify sign bundle` do, as `tar czf FILE -C FOLDER $(ls -A FOLDER)`."
)
FROM_WITHIN = (
    "Build it within its folder, `cd FOLDER && opa build -b .`: `opa build -b ../FOLDER` writes '..' into names."
)


def packed_by_dot(path: str, findings: Findings) -> bool:
    """Whether './' in front is all that is wrong with `path`; the first such name is a finding."""
    rest = path[2:].removesuffix("/")
    if path not in (".", "./") and not (path.startswith("./") and {"", ".", ".."}.isdisjoint(rest.split("/"))):
        return False
    if not any(reason.message == MESSAGE for reason in findings.reasons):
        findings.differs("archive.unsafe-name", path, MESSAGE, HOW_TO_PACK)
    return True
