"""Every test has a scene of its own."""

from tests.runtime import small_disk
from tests.runtime.gateway import conftest

scene = conftest.scene
disk = small_disk.disk
