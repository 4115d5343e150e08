"""What to do about a version that cannot be ordered, or that orders otherwise than whoever gave it thought. Pure.

* what is advised is tried first: a scheme, a prefix or a spelling is named only where it would be read
* nothing here decides: it is asked only when a version was denied

Source: https://semver.org, items 9 to 11; git-describe(1).
"""

from __future__ import annotations

import re

from verifier.versions.schemes import MAX_VERSION_BYTES, Scheme, order_key

_LONGEST_PREFIX = 63
_PREFIX = re.compile(r"[A-Za-z0-9._/@+-]+\Z", re.ASCII)
_COMMIT = re.compile(r"(?=.*\d)[0-9a-f]{7,64}\Z", re.ASCII | re.IGNORECASE)
_DESCRIBED = re.compile(r"-\d+-g[0-9a-f]{4,40}(?:-dirty|-broken)?\Z|-dirty\Z", re.ASCII)
_SPELLED = re.compile(r"(\d+\.\d+\.\d+)\.?((?:a|b|rc|alpha|beta|dev|pre|snapshot).*)\Z", re.ASCII | re.IGNORECASE)
_SHORTEST_DIGITS = 20
"""Of a commit that has no letter: what is shorter is a number or a date."""
_OTHERS = (Scheme.RFC3339, Scheme.SEMVER, Scheme.CALVER, Scheme.INTEGER, Scheme.PEP440)


def advise(scheme: Scheme, text: str) -> str:
    """The one thing to do about `text`, which `scheme` does not order."""
    if len(text) > MAX_VERSION_BYTES or not text.isascii():
        return f"Publish a version of at most {MAX_VERSION_BYTES} ASCII characters."
    if text != text.strip():
        return "White space around it is what is wrong: publish the version without it."
    if _is_commit(text):
        return (
            "This looks like a Git commit, and commits have no order: build with a version (`opa build --revision "
            '1.4.0`), or count (`git rev-list --count HEAD`, scheme = "integer").'
        )
    if behind := _behind_prefix(scheme, text):
        prefix, version = behind
        what = "The leading v is what is wrong" if prefix in {"v", "V"} else f"What stands before {version} is wrong"
        return (
            f'{what}: without it this is {version}. Put `prefix = "{prefix}"` beside `scheme` in the rule\'s `version` '
            f"(--version-prefix {prefix} without a policy file), or build with `opa build --revision {version}`."
        )
    return _own(scheme, text) or _other(scheme, text) or "Publish a version of the declared scheme."


def fitting(text: str) -> tuple[Scheme, str] | None:
    """A scheme, and the prefix before it, that order `text`; None where it looks like nothing that orders."""
    if _is_commit(text):
        return None
    for scheme in (Scheme.RFC3339, Scheme.SEMVER, Scheme.CALVER, Scheme.INTEGER):
        if _reads(scheme, text) and (scheme is not Scheme.CALVER or _dated(text)):
            return scheme, ""
    for scheme in (Scheme.SEMVER, Scheme.CALVER, Scheme.INTEGER):
        if behind := _behind_prefix(scheme, text):
            return scheme, behind[0]
    return (Scheme.PEP440, "") if _reads(Scheme.PEP440, text) else None


def why_lower(scheme: Scheme, version: str, than: str) -> str:
    """What to add where `version` orders below `than`, and reads as if it came after it; "" where nothing surprises.

    The two may be of different schemes, as where an operator's floor was set for another one: nothing is added then.
    """
    if not (_reads(scheme, version) and _reads(scheme, than)):
        return ""
    if scheme is Scheme.PEP440:
        return _why_pep440(version, than)
    if scheme is not Scheme.SEMVER or "-" not in version or not _same_release(version, than):
        return ""
    release = re.split("[-+]", version, maxsplit=1)[0]
    told = f": to SemVer what has a hyphen is a pre-release, and comes before {release}"
    if "-" in than.partition("+")[0]:
        told = ": both are pre-releases to SemVer, whose parts compare as text unless they are digits alone"
    if _DESCRIBED.search(version.partition("+")[0]):
        return f"{told} (`git describe` writes it for what comes after its tag): publish the next version instead"
    return told


def why_equal(scheme: Scheme, version: str, to: str) -> str:
    """What to add where two texts that differ are one version; "" where they are the same text."""
    if version == to:
        return ""
    if scheme is Scheme.SEMVER:
        return f": {version} and {to} are one version, for SemVer does not order what follows the +"
    return f": {version} and {to} are one version in the scheme {scheme}"


def _behind_prefix(scheme: Scheme, text: str) -> tuple[str, str] | None:
    """The shortest prefix before something that `scheme` reads, and that."""
    if scheme is Scheme.SIGNED_TIME or not text[:1].isalpha():
        return None
    for start in re.finditer(r"(?<=[A-Za-z._/@+-])(?=\d)", text[: _LONGEST_PREFIX + 1], re.ASCII):
        prefix, version = text[: start.start()], text[start.start() :]
        # Only SemVer's three numbers show where a version begins behind digits, as in opa1-v1.4.0.
        plain = scheme is Scheme.SEMVER or not re.search(r"\d", prefix, re.ASCII)
        if plain and _PREFIX.match(prefix) and _reads(scheme, version):
            return prefix, version
    return None


def _own(scheme: Scheme, text: str) -> str:
    """What is nearly of the scheme."""
    if scheme is not Scheme.SEMVER:
        return ""
    zeros = r"\b0+(?=\d)"
    if re.match(r"\d{1,4}(?:\.\d{1,9})?\Z", text, re.ASCII) and not _dated(text):
        return f"SemVer has three numbers, as in {re.sub(zeros, '', text)}{'.0' * (2 - text.count('.'))}."
    spelled = _SPELLED.match(text)
    if spelled and _reads(Scheme.SEMVER, f"{spelled[1]}-{spelled[2]}"):
        return f'SemVer writes a pre-release behind a hyphen: {spelled[1]}-{spelled[2]}; or scheme = "pep440".'
    plain = re.sub(zeros, "", text)
    if plain != text and _reads(Scheme.SEMVER, plain) and not _dated(text):
        return f"SemVer has no leading zeros: {plain}."
    return ""


def _other(scheme: Scheme, text: str) -> str:
    """Another scheme that reads it."""
    fitting = [each for each in _OTHERS if each is not scheme and _reads(each, text)]
    if not fitting:
        return ""
    return (
        f'This is a version of the scheme {fitting[0]}: put `scheme = "{fitting[0]}"` into the rule\'s `version` '
        f"(--version-scheme {fitting[0]}) if all releases are written so, or publish one of the scheme {scheme}."
    )


def _is_commit(text: str) -> bool:
    return bool(_COMMIT.match(text)) and not (text.isdigit() and len(text) < _SHORTEST_DIGITS)


def _dated(text: str) -> bool:
    return re.match(r"(?:19|20)\d\d[.-]\d{1,2}(?:\D|\Z)", text, re.ASCII) is not None


def _why_pep440(version: str, than: str) -> str:
    from packaging.version import Version  # noqa: PLC0415 - as `schemes` has it

    lower, higher = Version(version), Version(than)
    if lower.is_prerelease and lower.release == higher.release:
        return f": to PEP 440 {version} is a pre-release, and comes before {lower.base_version}"
    return ""


def _same_release(version: str, than: str) -> bool:
    return order_key(Scheme.SEMVER, version)[:3] == order_key(Scheme.SEMVER, than)[:3]


def _reads(scheme: Scheme, text: str) -> bool:
    try:
        order_key(scheme, text)
    except ValueError:
        return False
    return True
