"""Whether an image runs as root: its config's `User`, and whom a name in it stands for in the final tree.

* no user, `root`, 0, and what a runtime may take for 0, is root; so is a name that /etc/passwd does not have
* a user id and a group are judged by the user id alone: the group 0 gives no rights over other users' files
* a name needs the layers: where they were not read, that is no pass
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import Outcome, Reason
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.accounts import ACCOUNTS, names_somebody, root_by_name, root_by_number
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.checks.asked import called, judge_platforms, not_linux, unread
from verifier.trust.sections.image import ImageRule

NAME = "user"


def check(inspection: Inspection) -> Outcome:
    """Judge who each platform runs as, where the rule wants it to be somebody else than root."""
    return judge_platforms(inspection, "user", _judge, asks=lambda rule: rule.denies_root)


def _judge(platform: PlatformImage, _: ImageRule) -> Iterator[Reason]:
    if (foreign := not_linux(platform, "user")) is not None:
        yield foreign
    elif platform.config is None:
        yield unread(platform, "its config was not read")
    elif names_somebody(platform.config.user) and platform.tree is None:
        yield unread(platform, f"its user is {platform.config.user[:64]!r}, and its /etc/passwd was not read")
    elif (why := _root(platform, platform.config.user)) is not None:
        message = f"config.User {why}"
        yield Reason(code="image.user-root", subject=called(platform), message=message)


def _root(platform: PlatformImage, user: str) -> str | None:
    if not names_somebody(user):
        return root_by_number(user)
    return root_by_name(user, _passwd(platform))


def _passwd(platform: PlatformImage) -> bytes | None:
    """What /etc/passwd of the final tree says, None where there is none, or none that was kept."""
    found = platform.tree.resolve(ACCOUNTS) if platform.tree is not None else None
    if found is None:
        return None
    kept = {(each.layer, each.path): each.content for each in platform.accounts}
    return kept.get((found.layer, found.entry.path))
