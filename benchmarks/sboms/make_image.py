"""`python -m benchmarks.sboms.make_image [ROOT]`: make the image of the measurements, of a system that is unpacked at
ROOT, or that debootstrap unpacks (as root; 16 minutes)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.support.peers.debian_image import image_folder, unpacked_system, write_image


def main(arguments: list[str]) -> int:
    """Make it, unless it is there."""
    folder = image_folder()
    with tempfile.TemporaryDirectory(prefix="debian-") as room:
        write_image(Path(arguments[0]) if arguments else unpacked_system(Path(room)), folder)
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
