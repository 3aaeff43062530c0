"""UTF-8 bytes that each token stands for, from its tokenizer.json alone."""

import json

import numpy as np
from tokenizers import Tokenizer


def token_bytes(tokenizer_json: bytes) -> np.ndarray:
    """Bytes of every token, int64 [tokens]; 0 for special tokens, which are no text.

    A byte-level vocabulary spells each byte as one character; any other spells its text.
    """
    tokenizer = Tokenizer.from_buffer(tokenizer_json)
    byte_level = '"ByteLevel"' in json.dumps(json.loads(tokenizer_json).get("decoder"))
    sizes = np.zeros(tokenizer.get_vocab_size(with_added_tokens=True), np.int64)
    for token, number in tokenizer.get_vocab(with_added_tokens=True).items():
        sizes[number] = len(token) if byte_level else len(token.encode())
    for number, added in tokenizer.get_added_tokens_decoder().items():
        sizes[number] = 0 if added.special else len(added.content.encode())
    return sizes
