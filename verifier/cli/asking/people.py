"""Users by number or name.

Nothing here imports what Python has not loaded already, but where a name is given.
"""


def users(names: tuple[str, ...]) -> frozenset[int] | None:
    """The users that were named, by number or name; None where one is not known."""
    numbers = set()
    for name in names:
        if name.isdigit() and name.isascii() and len(name) <= 10:
            numbers.add(int(name))
            continue
        import pwd  # noqa: PLC0415 - only where a name is given

        try:
            numbers.add(pwd.getpwnam(name).pw_uid)
        except KeyError:
            return None
    return frozenset(numbers)
