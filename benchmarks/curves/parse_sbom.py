"""`python -m benchmarks.curves.parse_sbom library|least FILE`: by cyclonedx-python-lib, or hashed and parsed alone."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

content = Path(sys.argv[2]).read_bytes()
if sys.argv[1] == "least":
    sha256(content).digest()
    json.loads(content)
else:
    from cyclonedx.model.bom import Bom

    Bom.from_json(data=json.loads(content))  # type: ignore[attr-defined]
