"""How every property is tried: as long as it takes, and so that a failure can be repeated.

* no deadline: how long an example takes says how busy the machine is, and nothing about what is tried
* examples are drawn anew every time; a failure prints the blob that repeats it on any machine
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True, derandomize=False
)
settings.load_profile("suite")
