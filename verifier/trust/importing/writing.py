"""A draft as a policy in TOML: each remark is a comment beside what it is about, and what is denied says why.

* nothing of the source can leave its comment or its string: what does not show is escaped, and lines are cut
* a rule that is denied listens to a signer who is revoked and never was; what it would be stands beside it, commented
  out
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.trust.importing.draft import Draft, Party, Remark, Wanted, quoted

NOBODY: Final = "nobody"
_LONGEST: Final = 500
_IMAGES: Final = ("# An image goes by its repository here: verify image REF --name REGISTRY/REPOSITORY --policy FILE",)
_NOBODY: Final = """\
# Whom rules listen to that deny everything: this signer is revoked, and never was.
[signers.nobody]
keyless = { issuer = "https://nobody.invalid", identity = "https://nobody.invalid/nobody" }
revoked = true
"""


def written(draft: Draft, *, policy_id: str, accept_weaker: bool) -> str:
    """The policy's text."""
    return "\n".join(_parts(draft, policy_id, accept_weaker=accept_weaker))


def _parts(draft: Draft, policy_id: str, *, accept_weaker: bool) -> Iterator[str]:
    yield _head(draft, policy_id)
    denied = [each for each in draft.rules if each.is_denied(accept_weaker=accept_weaker)]
    heard = {
        party.name for rule in draft.rules if rule not in denied for party in rule.counted(accept_weaker=accept_weaker)
    }
    yield from (_signer(each) for each in draft.parties if each.name in heard)
    # A signer to whom no rule listens is one that somebody may listen to by mistake.
    yield from (_commented(_signer(each)) for each in draft.parties if each.name not in heard)
    if denied:
        yield _NOBODY
    # A builder speaks through a signer, and is left out with it.
    yield from (_commented(each) if not heard else each for each in draft.tables)
    yield from (_rule(each, denied=each in denied, accept_weaker=accept_weaker) for each in draft.rules)


def _head(draft: Draft, policy_id: str) -> str:
    lines = [
        f"# Trust policy, imported from {_shown(draft.source)}. `verify trust check FILE` puts it into words.",
        "# Comments say what has no equal here: weaker lets more pass than the source did, stronger less.",
        *(_IMAGES if any(each.pattern.startswith("image:") for each in draft.rules) else ()),
        *map(_remark, draft.remarks),
        "version = 1",
        f"id = {quoted(policy_id)}",
    ]
    return "\n".join(lines) + "\n"


def _signer(party: Party) -> str:
    lines = [*map(_remark, party.remarks), f"[signers.{quoted(party.name)}]", *party.lines]
    return "\n".join(lines) + "\n"


def _rule(rule: Wanted, *, denied: bool, accept_weaker: bool) -> str:
    lines = [f"# From {_shown(rule.origin)}.", *map(_remark, rule.remarks), f"[artifacts.{quoted(rule.pattern)}]"]
    parties = rule.parties if denied else rule.counted(accept_weaker=accept_weaker)
    left = [each.name for each in rule.parties if each not in parties]
    if left:
        lines.append(f"# stronger: left out, for each would let more pass than the source: {', '.join(left)}")
    meant = _signatures(rule, parties)
    if denied:
        why = (
            "fewer signers could be imported than have to sign"
            if len(rule.parties) < max(rule.threshold, 1)
            else "it would let more pass than its source (weaker, above, or at its signers)"
        )
        lines.append(f"# DENIED: {why}. What it would be:")
        lines += [f"# {each}" for each in (meant, *rule.lines)]
        lines += [f'signatures = {{ from = ["{NOBODY}"] }}', 'version = "none"']
        tables = [_commented(each) for each in rule.tables]
    else:
        lines += [meant, *rule.lines]
        tables = list(rule.tables)
    if rule.pattern.endswith("*"):
        lines.append('scope = "each-name"')
    return "\n".join(("\n".join(lines) + "\n", *tables))


def _signatures(rule: Wanted, parties: tuple[Party, ...]) -> str:
    names = ", ".join(quoted(each.name) for each in parties)
    more = "".join(f", {name} = {value}" for name, value in rule.signatures)
    return f"signatures = {{ threshold = {max(rule.threshold, 1)}, from = [{names}]{more} }}"


def _remark(remark: Remark) -> str:
    return f"# {remark.effect}: {_shown(remark.where)}: {_shown(remark.message)}"


def _commented(text: str) -> str:
    return "".join(f"# {each}".rstrip() + "\n" for each in text.splitlines())


def _shown(text: str) -> str:
    """A text of the source in a comment: one line of what shows."""
    plain = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text[:_LONGEST])
    return plain if len(text) <= _LONGEST else f"{plain} (and more)"
