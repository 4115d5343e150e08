"""The part of a lock file that can be installed here: `python tools/lock_here.py LOCKFILE` prints it.

* what an extra needs and nobody built for this platform is left out, by name and aloud; anything else stays in, so that
  whatever goes wrong with it is an error
* whether there is a wheel is read from docs/platforms.json, never guessed from a failure: a mirror that is down or a
  file with another hash is no reason to do without
* needs Python and pip alone, for it runs before anything is installed
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

RECORD = Path(__file__).parents[1] / "docs" / "platforms.json"
ALWAYS = frozenset({"core", "dev"})
"""The parts that nobody can do without."""
_PIN = r"(?m)^{name}(?:\[[^\]]*\])?=={version}[ ;].*\n(?: +--hash.*\n?)+"


def without_wheels(text: str, record: Mapping[str, Mapping[str, Any]], accepted: Collection[str]) -> dict[str, str]:
    """The text of each pin that only extras need and that has no wheel with one of the `accepted` tags, by name."""
    found = {}
    for name, known in record.items():
        pin = re.search(_PIN.format(name=re.escape(name), version=re.escape(known["version"])), text)
        if pin and ALWAYS.isdisjoint(known["parts"]) and set(_tags(known["wheels"])).isdisjoint(accepted):
            found[name] = pin[0]
    return found


def _tags(wheels: Iterable[str]) -> Iterable[str]:
    """`cp311.cp312-none-any` as the tags that it stands for."""
    for wheel in wheels:
        yield from map("-".join, product(*(part.split(".") for part in wheel.split("-"))))


def main(lockfile: str) -> None:
    """Print what can be installed; say on standard error what cannot."""
    from pip._vendor.packaging.tags import sys_tags  # noqa: PLC0415 - what this pip itself goes by

    text = Path(lockfile).read_text(encoding="utf-8")
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    missing = without_wheels(text, record, frozenset(map(str, sys_tags())))
    for name, pin in missing.items():
        text = text.replace(pin, "")
        extras = " and ".join(f'the extra "{part}"' for part in record[name]["parts"])
        print(
            f"LEFT OUT: {name} {record[name]['version']} has no wheel for this platform, so that {extras} does not work"
            " here; docs/installing.md says where it does",
            file=sys.stderr,
        )
    print(text, end="")


if __name__ == "__main__":
    main(sys.argv[1])
