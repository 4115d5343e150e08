"""Every test has a scene of its own."""

from tests.gateway import conftest
from tests.support.loading import small_disk

scene = conftest.scene
disk = small_disk.disk
