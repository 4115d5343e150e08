"""What holds for every test.

* a property is tried for as long as it takes: how long says how busy the machine is, and nothing about what is tried
* its examples are drawn anew every time; a failure prints the blob that repeats it on any machine. In CI they are the
  same for the same test, as Hypothesis' own profile for CI has them: what is refused is a change, not a draw
* what needs the compiler of Rego is skipped, with what to install, where there is none
* the ledger that whoever runs the tests may have is not asked, by commands in other processes neither
* signals have their usual effect, on children too: a job in the background of a shell inherits that SIGINT is ignored
"""

import os
import signal
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from tests.support.rego import compiler

settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("suite")

os.environ["XDG_STATE_HOME"] = str(Path(tempfile.gettempdir()) / f"policy-verifier-no-state-{os.getpid()}")
# What is printed is as wide as where no terminal is: whoever runs these tests in parallel states a width.
for variable in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(variable, None)

for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
    if signal.getsignal(each) is signal.SIG_IGN:
        signal.signal(each, signal.default_int_handler if each is signal.SIGINT else signal.SIG_DFL)

_LONGEST_ID = 32
"""Bytes that a test's name repeats."""


def pytest_runtest_setup(item):
    if compiler.needed_by(item):
        compiler.require()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that a new key has made differ from run to run, and the processes of one run have to collect alike."""
    return argname if isinstance(val, bytes) and len(val) > _LONGEST_ID else None
