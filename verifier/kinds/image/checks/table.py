"""The checks that only images have, in the order in which a report lists what they find. Adding one is a line here."""

from __future__ import annotations

from verifier.evidence.inspection import Check
from verifier.kinds.image.checks import base, devices, labels, package_managers, secrets, setuid, shells, user

CHECKS: tuple[tuple[str, Check], ...] = (
    (user.NAME, user.check),
    (shells.NAME, shells.check),
    (package_managers.NAME, package_managers.check),
    (setuid.NAME, setuid.check),
    (devices.NAME, devices.check),
    (secrets.NAME, secrets.check),
    (labels.NAME, labels.check),
)
OF_LEDGER: tuple[tuple[str, Check], ...] = ((base.NAME, base.check),)
"""Those that are judged by what a ledger knows, too."""
