"""What a tokenizer of this project is: special tokens, split pattern, and one way to encode.

All tokens that are counted or trained on come from `Vocabulary.encode`, so the column
`n_tokens_NAME`, a mixture's totals and the packed rows agree to the token. Loading costs reading
the file (10 MB of JSON for 125,000 tokens); encoding uses all cores and lets other threads run.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kormo_ds.errors import BadInput, Damaged, unknown

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from lake import Lake

SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Qwen2's split pattern, which KORMo uses: digits stand alone. Nothing is normalised before it."""

BOS, EOS, PAD = "<|BOS|>", "<|EOS|>", "<|PAD|>"
BOT, EOT = "<|BOT|>", "<|EOT|>"
"""Around a turn of a conversation."""
THINK, THINK_END = "<think>", "</think>"
"""Around what is thought before an answer."""
SPECIAL_TOKENS = (
    BOS,
    EOS,
    PAD,
    THINK,
    THINK_END,
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    BOT,
    EOT,
)
"""The last tokens of a vocabulary, in the order of KORMo's: of 125,041, BOS is 125030 and `<|EOT|>`
is 125040. What KORMo has at the four places before `<|BOT|>` is not published; the tool tokens
there are this project's choice."""

CONTROL_TOKENS = (BOS, EOS, PAD, BOT, EOT)
"""Tokens that no text can produce: spelt in a document, they are encoded letter by letter."""

ROUND_TO = 128
"""An embedding has a multiple of this many rows, so that matrix units are filled."""

FILE = "tokenizer.json"


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer with the numbers that the rest of the project needs of it."""

    name: str
    tokenizer: "Tokenizer"
    """`tokenizer.encode(text)` puts BOS first; `encode` below adds nothing."""
    bos: int
    eos: int
    pad: int
    size: int
    """Tokens, special ones included."""
    padded_size: int
    """`size` rounded up to a multiple of 128: rows of the embedding."""
    fingerprint: str
    """SHA-256 of the tokenizer's content, whatever its name and the file's layout."""

    def encode(self, texts: Sequence[str]) -> "list[Encoding]":
        """The tokens of each text in `.ids`, without BOS and EOS; on all cores."""
        return self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)

    def token(self, spelling: str) -> int:
        """The number of a special token.

        Raises:
            BadInput: the tokenizer has no such token.
        """
        number = self.tokenizer.token_to_id(spelling)
        if number is None:
            raise BadInput(
                f"tokenizer '{self.name}' has no {spelling}, which conversations are written with; "
                "one that has it is made with: kormo tokenizer train NAME mixture=NAME@VERSION"
            )
        return int(number)

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, without BOS and EOS."""
        return [len(encoding) for encoding in self.encode(texts)]


def padded_size(size: int) -> int:
    """`size` rounded up to a multiple of 128.

    KORMo's 125,041 tokens become 125,056; its published model has 125,184 rows, one multiple more.
    A model may have more rows than this, never fewer than `size`.
    """
    return -(-size // ROUND_TO) * ROUND_TO


def load(path: str) -> Vocabulary:
    """The tokenizer in a folder (its `tokenizer.json`) or of a file; `path` may be a URI.

    Raises:
        UnknownName: there is no such file.
        BadInput: a tokenizer without this project's special tokens.
        Damaged: the file is not a tokenizer.
    """
    from lake import files

    file = path if path.endswith(".json") else f"{path.rstrip('/')}/{FILE}"
    *above, last = file.split("/")
    name = above[-1] if last == FILE and above else last.removesuffix(".json")
    try:
        content = files.read_bytes(file)
    except (FileNotFoundError, NotADirectoryError):
        raise unknown("tokenizer file", file, [], "give a tokenizer.json or its folder") from None
    return parse(content, name)


def named(lk: "Lake", name: str) -> Vocabulary:
    """The tokenizer of that name in a lake.

    Raises:
        UnknownName: with those that the lake has, and the command that trains one.
    """
    if name not in names(lk):
        hint = f"train it with: kormo tokenizer train {name} mixture=NAME@VERSION"
        raise unknown("tokenizer", name, names(lk), hint)
    return parse(lk.read_bytes("tokenizers", name, FILE), name)


def any_tokenizer(lk: "Lake", name: str) -> "Tokenizer":
    """A tokenizer to measure: one of the lake by its name, or any `tokenizer.json` by its path.

    Raises:
        UnknownName: neither.
        Damaged: the file is not a tokenizer.
    """
    from lake import files

    if not name.endswith(".json"):
        return named(lk, name).tokenizer
    if not files.exists(name):
        raise unknown("tokenizer file", name, [], "give a tokenizer.json or the name of one")
    tokenizer = _tokenizer(files.read_bytes(name), name)
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer


def names(lk: "Lake") -> list[str]:
    """The tokenizers of a lake, sorted."""
    from lake import files

    folders = files.names(lk.path("tokenizers"))
    return [name for name in folders if files.exists(lk.path("tokenizers", name, FILE))]


def parse(content: bytes, name: str) -> Vocabulary:
    """The vocabulary that the bytes of a `tokenizer.json` hold.

    Raises:
        BadInput: a special token that this project needs is missing.
        Damaged: the bytes are not a tokenizer.
    """
    tokenizer = _tokenizer(content, name)
    found = {token: tokenizer.token_to_id(token) for token in (BOS, EOS, PAD)}
    ids = {token: number for token, number in found.items() if number is not None}
    if len(ids) < len(found):
        missing = ", ".join(sorted(set(found) - set(ids)))
        raise BadInput(
            f"tokenizer '{name}' has no {missing}; it can be measured, not trained with: "
            "make one that has them with: kormo tokenizer train NAME mixture=NAME@VERSION"
        )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    return Vocabulary(
        name=name,
        tokenizer=tokenizer,
        bos=ids[BOS],
        eos=ids[EOS],
        pad=ids[PAD],
        size=size,
        padded_size=padded_size(size),
        fingerprint=fingerprint(content),
    )


def fingerprint(content: bytes) -> str:
    """SHA-256 of what a `tokenizer.json` says, without truncation, padding and white space."""
    said = json.loads(content)
    kept = {key: value for key, value in said.items() if key not in ("truncation", "padding")}
    canonical = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _tokenizer(content: bytes, name: str) -> "Tokenizer":
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_buffer(content)
    except ValueError as error:  # tokenizers raises ValueError for every content it cannot read
        raise Damaged(f"tokenizer '{name}' is not a tokenizer.json: {error}") from None
