"""Levels: does what was reached meet what is demanded?"""

from __future__ import annotations

from verifier.formats.intoto.vsa import track_level


def level_met(required: str, verified: tuple[str, ...]) -> bool:
    """Whether `verified` contains `required`, or a higher level of the same SLSA track."""
    track, least = track_level(required) or ("", None)
    if least is None:
        return required in verified
    found = (named for named in map(track_level, verified) if named is not None)
    return any(name == track and level is not None and level >= least for name, level in found)
