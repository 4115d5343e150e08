"""Which image a key of a request means, and by which name the trust policy knows it.

* a key names its registry: what `nginx` or `acme/app` stands for each node decides, so that here nothing can be
* without a tag and a digest it is the tag `latest`, as every container runtime has it
* the most specific pattern of the configuration says the name: one without `*` before any, a longer before a shorter
* a repository that no pattern is for is refused before anybody asks a registry about it

Source: distribution/reference `normalize.go`, whose rule for what is a registry this is.
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.formats.oci.manifest import ImageReference, parse_reference
from verifier.trust.vocabulary import is_plain_name

MAX_KEY: Final = 1_024
"""Characters of a key that may be a reference: registry, repository, tag and digest have at most 800."""
_KEY_SHOWN: Final = 200
_DEFAULT_TAG: Final = "latest"


class Repositories(Value):
    """Patterns of repositories, each with the name that its images have in the trust policy.

    A pattern is `registry/repository`, or ends in `/*`, which stands for one or more further segments. A name may
    hold one `*`, which is what stands in that place.
    """

    names: tuple[tuple[str, str], ...]

    def name_of(self, repository: str) -> str | None:
        """The name for images of `registry/repository`, None where no pattern is for it."""
        fitting = [(pattern, name) for pattern, name in self.names if _fits(pattern, repository)]
        if not fitting:
            return None
        pattern, name = max(fitting, key=lambda pair: (not pair[0].endswith("*"), len(pair[0])))
        return name.replace("*", repository.removeprefix(pattern.removesuffix("*")))


class Admitted(Value):
    """An image that is asked about, and its name in the trust policy."""

    image: ImageReference
    name: str

    @property
    def repository(self) -> str:
        """`registry/repository`."""
        return repository_of(self.image)

    @property
    def reference(self) -> str:
        """What names it: two of the same text are the same question."""
        return str(self.image)


def read_key(key: str, repositories: Repositories) -> Admitted:
    """The image that `key` means; `Refused` (`request.malformed`, `image.ambiguous-reference`, `trust.no-policy`)."""
    shown = key[:_KEY_SHOWN]
    if len(key) > MAX_KEY:
        message = f"a key of {len(key)} characters; at most {MAX_KEY} are an image's reference"
        raise refuse("request.malformed", shown, message)
    registry, slash, _ = key.partition("@")[0].partition("/")
    if not slash or not _is_registry(registry):
        message = f"{shown!r} names no registry: which image it is would be decided by each node"
        hint = "Write the reference with its registry (docker.io/library/nginx:1.29), or have it mutated before."
        raise refuse("image.ambiguous-reference", shown, message, hint)
    try:
        image = parse_reference(_with_tag(key))
    except ValueError as error:
        raise refuse("request.malformed", shown, f"{shown!r} is not an image's reference: {error}") from None
    name = repositories.name_of(repository_of(image))
    if name is None or not is_plain_name(name):
        raise _unknown(image, repositories, name)
    return Admitted(image=image, name=name)


def repository_of(image: ImageReference) -> str:
    """`registry/repository`."""
    return f"{image.registry}/{image.repository}"


def check_repository_pattern(pattern: str) -> str:
    """A pattern of repositories; raises `ValueError`."""
    stem = pattern.removesuffix("/*")
    registry, _, rest = stem.partition("/")
    try:
        parse_reference(f"{registry}/{rest or 'any'}:{_DEFAULT_TAG}")
    except ValueError:
        registry = ""
    if not _is_registry(registry) or (stem == pattern and not rest):
        message = "must be a repository with its registry (docker.io/library/nginx), or all below one (docker.io/*)"
        raise ValueError(f"{message}, not {pattern!r}")
    return pattern


def check_registry(name: str) -> str:
    """The name of a registry as references have it, with its port; raises `ValueError`."""
    try:
        parse_reference(f"{name}/any:{_DEFAULT_TAG}")
    except ValueError:
        name = ""
    if not _is_registry(name) or "/" in name:
        raise ValueError("must be the name of a registry, as in registry.acme.example:5000")
    return name


def check_image_name(name: str, *, pattern: str) -> str:
    """A name that the trust policy can have a rule for, once its `*` is filled in; raises `ValueError`."""
    stars = name.count("*")
    if stars > 1 or (stars and not pattern.endswith("/*")):
        raise ValueError(f"may hold one *, which stands for what the pattern's * does, not {name!r}")
    if not is_plain_name(name.replace("*", "x")):
        raise ValueError(f"cannot be an image's name: {name!r}")
    return name


def _is_registry(segment: str) -> bool:
    """Whether runtimes take the first segment of a reference for a registry."""
    return segment == "localhost" or "." in segment or ":" in segment


def _fits(pattern: str, repository: str) -> bool:
    if not pattern.endswith("*"):
        return pattern == repository
    stem = pattern.removesuffix("*")
    return repository.startswith(stem) and len(repository) > len(stem)


def _with_tag(key: str) -> str:
    """The key with the tag that it has where it says none."""
    named, at, _ = key.partition("@")
    return key if at or ":" in named.rpartition("/")[2] else f"{key}:{_DEFAULT_TAG}"


def _unknown(image: ImageReference, repositories: Repositories, name: str | None) -> Refused:
    repository = repository_of(image)
    if name is not None:
        message = f"{repository} would be called {name[:_KEY_SHOWN]!r}, which cannot be a name"
    else:
        message = f"no pattern of images.repositories is for {repository}; there are {len(repositories.names)}"
    hint = "Add the repository to images.repositories, or keep the constraint from asking about it."
    return Refused(Reason(code="trust.no-policy", subject=repository, message=message, hint=hint))
