"""How long a test waits for what must happen: until it happens, and never for a time.

The bounds here only end a test that hangs. They say nothing of the product, and are so long that a machine with a load
of twenty, where a tenth of a second of work takes several seconds, keeps every one of them.
"""

from __future__ import annotations

PATIENCE_S = 120.0
"""For one thing that must happen."""
FOR_EVER_S = 3_600
"""For what must not be what ends a wait: thirty times as long as anybody here has patience."""
GROWING_S = (0.1, 1.0, 10.0, 100.0)
"""For bounds that the product keeps and a test has to be quicker than: tried in turn, until the machine was."""
