"""Tests that only root can make, and tests that root cannot: CI runs both (`make test`, `make test-as-root`)."""

import os

import pytest

AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give a file away or mount a file system: `make test-as-root` runs it"
)
"""What somebody else owns is made by giving it away."""
NOT_AS_ROOT = pytest.mark.skipif(
    os.geteuid() == 0, reason="root may read everything, so that nothing is unreadable: CI runs it as another user"
)
"""What may not be read is made by taking the permission away, which root does not need."""
