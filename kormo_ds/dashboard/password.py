"""A password that only its hash is kept of: scrypt, with its cost and salt beside it.

    scrypt$16384$8$1$SALT$HASH

Checking takes some 50 ms and 16 MiB, which is what trying many costs.
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from kormo_ds.errors import BadInput

N, R, P, SALT_BYTES = 1 << 14, 8, 1, 16
SHORTEST = 8
"""Characters of a password at least."""


def hashed(password: str) -> str:
    """The line that is kept of a password.

    Raises:
        BadInput: it is shorter than SHORTEST.
    """
    if len(password) < SHORTEST:
        raise BadInput(f"a password has {SHORTEST} characters or more, not {len(password)}")
    salt = secrets.token_bytes(SALT_BYTES)
    said = [str(number) for number in (N, R, P)]
    return "$".join(["scrypt", *said, _text(salt), _text(_derived(password, salt, N, R, P))])


def check(password: str, line: str) -> bool:
    """Whether it is the password of that line; takes as long whether it is or not."""
    _, n, r, p, salt, expected = line.split("$")
    derived = _derived(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(derived, base64.b64decode(expected))


def write(file: Path, password: str) -> None:
    """Keep a password's hash in a new file that its owner alone can read."""
    line = hashed(password)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(line + "\n")


def read(file: Path) -> str:
    """The line of a file.

    Raises:
        BadInput: the file is not one that `write` wrote.
    """
    line = file.read_text(encoding="utf-8", errors="replace").strip()
    try:
        check("", line)
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"{file} does not hold a password's hash; give a file that is not there yet, and the "
            "password is asked for and its hash written"
        ) from error
    return line


def _derived(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=1 << 26)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
