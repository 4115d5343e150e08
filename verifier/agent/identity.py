"""What a hook and an agent know a file by, so that neither has to believe the other's paths.

Whoever asks an agent loads this and little else: nothing here imports what Python has not loaded already.
"""

import os


def identity_of(path: str) -> str:
    """Which file it is, and which folder it is reached by: a policy names its keys from there; raises `OSError`."""
    found, folder = os.stat(path), os.stat(os.path.dirname(path) or ".")
    return f"{found.st_dev}:{found.st_ino}:{folder.st_dev}:{folder.st_ino}"
