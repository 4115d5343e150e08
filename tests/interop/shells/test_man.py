"""Man pages, as mandoc reads them."""

import subprocess

import pytest

from tests.support.peers.peers import executable
from tools.man import main

pytestmark = pytest.mark.interop


def test_mandoc_finds_nothing_wrong(tmp_path):
    mandoc = executable("mandoc", "MANDOC")
    assert main([str(tmp_path)]) == 0
    pages = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run([mandoc, "-T", "lint", "-W", "warning", *pages], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
    shown = subprocess.run([mandoc, "-T", "ascii", *pages], capture_output=True, text=True, check=True).stdout
    assert "verify bundle authz.tar.gz --key release.pub" in shown
