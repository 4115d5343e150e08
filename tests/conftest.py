"""What holds for every test."""

from tests.support import rego_compiler


def pytest_runtest_setup(item):
    if rego_compiler.needed_by(item):
        rego_compiler.require()
