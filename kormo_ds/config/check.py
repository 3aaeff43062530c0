"""What a setting may be."""

from kormo_ds.errors import BadConfig


def check(key: str, value: object, holds: bool, wanted: str) -> None:
    """Refuse a value of which it does not hold that it is what is wanted.

    Raises:
        BadConfig: key, value and what it must be.
    """
    if not holds:
        raise BadConfig(f"{key} = {value!r}: it must be {wanted}")
