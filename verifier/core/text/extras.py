"""What to do where the packages of an extra are missing: one sentence, wherever one is."""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """The extra in words, and the command that adds its packages.

    pip takes the installed package for the requirement and fetches what the extra adds to it, so that the command holds
    for an install from a checkout as well as for one from an index.
    """
    return f"Add the extra \"{extra}\" to this Python: `pip install 'policy-verifier[{extra}]'` (docs/installing.md)."
