"""What a hook and an agent know a file by, so that neither has to believe the other's paths.

Whoever asks an agent loads this and little else: nothing here imports what Python has not loaded already.
"""

import os


def identity_of(path: str) -> str:
    """Which file it is, and which folder it is reached by: a policy names its keys from there; raises `OSError`."""
    found, folder = os.stat(path), os.stat(os.path.dirname(path) or ".")
    return f"{found.st_dev}:{found.st_ino}:{folder.st_dev}:{folder.st_ino}"


def server_identity(url: str, beside: tuple[str, ...]) -> str:
    """Which ledger of a database server it is: `beside` its URL is what the environment adds to it, and where it names
    nobody, who asks: a server takes that for the user, and for the database."""
    nobody = () if "@" in url else (f"user {os.geteuid()}",)
    return "\n".join((f"url:{url}", *beside, *nobody))
