"""A password, kept as its scrypt hash (RFC 7914): `scrypt$N$R$P$SALT$HASH`, the last two in base64.

Checking one costs 32 MB and about 0.1 s, which is the point of it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import unicodedata
from pathlib import Path

from kormo_ds.errors import BadInput

N, R, P = 2**15, 8, 1
"""Cost, block size and parallelism of new hashes."""
SHORTEST = 8
"""Characters of a password at least."""
_FORM = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w+/=-]+)\$([\w+/=-]+)")


def hashed(password: str) -> str:
    """The hash of a password, another one each time.

    Raises:
        BadInput: the password is too short.
    """
    if len(password) < SHORTEST:
        raise BadInput(
            f"a password of {len(password)} characters is too short; take {SHORTEST} or more"
        )
    salt = os.urandom(16)
    digest = _scrypt(password, salt, N, R, P, 32)
    return f"scrypt${N}${R}${P}${_text(salt)}${_text(digest)}"


def is_right(password: str, hash_: str) -> bool:
    """Whether a hash is that of the password, in time that does not tell how near it is.

    Raises:
        BadInput: the hash cannot be read.
    """
    n, r, p, salt, digest = _read(hash_)
    return hmac.compare_digest(_scrypt(password, salt, n, r, p, len(digest)), digest)


def write(file: Path, password: str) -> None:
    """Keep a password's hash in a new file that its owner alone can read."""
    line = hashed(password)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(f"{line}\n")


def read(file: Path) -> str:
    """The hash of a file.

    Raises:
        BadInput: the file holds none.
    """
    line = file.read_text(encoding="utf-8", errors="replace").strip()
    try:
        check_form(line)
    except BadInput as error:
        raise BadInput(
            f"{file}: {error}; name a file that is not there yet, and the password is asked for"
        ) from error
    return line


def check_form(hash_: str) -> None:
    """Refuse what is no hash of a password, a password in clear among others.

    Raises:
        BadInput: it cannot be read; the message does not repeat it.
    """
    _read(hash_)


def _read(hash_: str) -> tuple[int, int, int, bytes, bytes]:
    match = _FORM.fullmatch(hash_.strip())
    if match is None:
        raise BadInput("this is not the hash of a password; a hash is scrypt$N$R$P$SALT$HASH")
    n, r, p = (int(number) for number in match.groups()[:3])
    if n < 2 or n & (n - 1) or not r or not p or 128 * n * r > 1 << 28 or p > 16:
        raise BadInput(f"scrypt with N={n}, R={r}, P={p}; N is a power of two, N·R·128 ≤ 256 MB")
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in match.groups()[3:])
    except binascii.Error:
        raise BadInput("the hash's salt or digest is not base64; copy the whole line") from None
    if len(salt) < 8 or len(digest) < 16:
        raise BadInput("the hash's salt or digest is too short; copy the whole line")
    return n, r, p, salt, digest


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    """Korean is one text whether it was typed in syllables or in jamo."""
    known = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(known, salt=salt, n=n, r=r, p=p, maxmem=1 << 29, dklen=length)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
