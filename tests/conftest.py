"""What holds for every test.

* a property is tried for as long as it takes: how long says how busy the machine is, and nothing about what is tried
* its examples are drawn anew every time; a failure prints the blob that repeats it on any machine
* what needs the compiler of Rego is skipped, with what to install, where there is none
"""

from hypothesis import HealthCheck, settings

from tests.support.rego import compiler

settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True, derandomize=False
)
settings.load_profile("suite")


def pytest_runtest_setup(item):
    if compiler.needed_by(item):
        compiler.require()
