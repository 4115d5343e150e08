"""Repository URIs as provenance writes them, made comparable (https://slsa.dev/spec/v1.2/verifying-artifacts, step 2).

* `git+https://host/org/repo`, `https://host/org/repo.git` and `https://HOST/org/repo/` are one repository
* only the host's case is folded: `acme/app` and `Acme/app` may be two repositories
* everything else is compared as it is written: user names, ports, queries and escapes make another repository
* a ref follows the first `@` of the path, as SPDX download locations have it, or `.git#`, as BuildKit writes it
"""

from __future__ import annotations

_GIT = "git+"
_FRAGMENT = ".git#"


def split_ref(uri: str) -> tuple[str, str | None]:
    """`uri` without its `@ref`, and the ref, None where there is none."""
    scheme, separator, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    repository, at, ref = path.partition("@")
    if not at and _FRAGMENT in path:
        # Docker's contexts: `https://host/org/repo.git#ref:folder`.
        stem, _, fragment = path.partition(_FRAGMENT)
        repository, ref = f"{stem}.git", fragment.partition(":")[0]
    if not ref:
        return uri, None
    return f"{scheme}{separator}{authority}{slash}{repository}", ref


def is_git(uri: str) -> bool:
    """Whether `uri` says that it is a Git repository."""
    return uri.startswith(_GIT) or split_ref(uri)[0].endswith(".git")


def same_repository(one: str, other: str) -> bool:
    """Whether two URIs without a ref name one repository."""
    return _canonical(one) == _canonical(other)


def _canonical(uri: str) -> str:
    # Beyond ASCII lower() folds look-alikes into letters, such as the Kelvin sign into k.
    if not uri.isascii():
        return uri
    scheme, separator, rest = uri.removeprefix(_GIT).partition("://")
    if not separator:
        return uri
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return f"{scheme.lower()}://{user}{at}{host.lower()}{slash}{path.removesuffix('/').removesuffix('.git')}"
