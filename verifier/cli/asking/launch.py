"""`--exec`: the verified bytes are handed on to a program as a sealed memory file, and it takes this process' place.

* nothing is run but where the bytes were accepted; what cannot be run is said (`verify: error`), with status 2
* the program finds the descriptor's number in VERIFIED_FD, and in the place of each `{}` among its arguments the path
  that opens it (`/proc/self/fd/N`); nothing else is left open
* it begins as it would from a shell: signals as they are, no timer, no word of ours on its standard output

Nothing here imports what Python has not loaded already.
"""

import os
from _signal import ITIMER_REAL, SIG_DFL, setitimer, signal  # type: ignore[import-not-found]

PLACE = "{}"
VARIABLE = "VERIFIED_FD"
_IGNORED = (13, 25)
"""SIGPIPE and SIGXFSZ, which Python ignores, and whoever it starts would inherit that."""


def launch(program: str, words: tuple[str, ...], sealed: int, variables: dict[str, str]) -> OSError:
    """Become `program`; returns why that failed, and nothing where it did not."""
    handed = os.dup(sealed)  # another number than any that is open already, and kept on exec
    os.set_inheritable(handed, True)
    path = f"/proc/self/fd/{handed}"
    command = [program, *(word.replace(PLACE, path) for word in words)]
    setitimer(ITIMER_REAL, 0)
    for number in _IGNORED:
        signal(number, SIG_DFL)
    try:
        os.execvpe(program, command, {**variables, VARIABLE: str(handed)})
    except OSError as error:
        os.close(handed)
        return error
