"""A model's text as it grows, safe for a terminal: what `kormo generate` and `kormo chat` share.

    tokens ──decoded──▶ pieces of text ──until──▶ up to a stop ──visible──▶ printed

Every token decodes all of the text again, so n tokens cost n² of a decoder that does millions a
second.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from kormo_ds.eval.checkpoint import Checkpoint
    from kormo_ds.model import Sampling, Transformer
    from kormo_ds.text.tokens import Vocabulary

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
_HIDDEN = [*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_VISIBLE = _PICTURES | {0x7F: "\N{SYMBOL FOR DELETE}"} | dict.fromkeys(_HIDDEN, _REPLACEMENT)


def loaded(asked: "Checkpoint", weights: str = "trained") -> "Transformer":
    """The checkpoint's model, with a progress bar."""
    from kormo_ds.progress import bar

    with bar(f"loading {asked.run.name} {asked.name(weights)}", unit="parameters") as advance:
        return asked.model(weights, advance=advance)


def continued(
    model: "Transformer", vocabulary: "Vocabulary", text: str, sampling: "Sampling"
) -> Iterator[str]:
    """What follows `text`, with BOS before it, up to EOS or `sampling.max_tokens`.

    Raises:
        BadInput: text and max_tokens do not fit the model's positions.
    """
    [encoding] = vocabulary.encode([text])
    return answered(model, vocabulary, [vocabulary.bos, *encoding.ids], vocabulary.eos, sampling)


def answered(
    model: "Transformer",
    vocabulary: "Vocabulary",
    prompt: Sequence[int],
    stop: int,
    sampling: "Sampling",
) -> Iterator[str]:
    """What follows the tokens of `prompt`, up to `stop` or `sampling.max_tokens`.

    Raises:
        BadInput: prompt and max_tokens do not fit the model's positions.
    """
    from kormo_ds.model import generate

    tokens = generate(model, prompt, n_ids=vocabulary.size, stop=stop, sampling=sampling)
    return decoded(vocabulary.tokenizer, tokens)


def decoded(tokenizer: "Tokenizer", tokens: Iterable[int]) -> Iterator[str]:
    """The text of tokens as it grows; bytes of an unfinished character wait for the rest of it."""
    ids: list[int] = []
    shown = text = ""
    for token in tokens:
        ids.append(token)
        text = tokenizer.decode(ids, skip_special_tokens=False)
        whole = text.rstrip(_REPLACEMENT)
        if len(whole) > len(shown):
            yield whole[len(shown) :]
            shown = whole
    yield text[len(shown) :]


def until(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    r"""The pieces up to the first of `stops`; what may become one waits for what follows.

    >>> list(until(["a\nUs", "es\nU", "ser: b"], ["\nUser:"]))
    ['a', '\nUses', '']
    """
    waiting = ""
    for piece in pieces:
        waiting += piece
        found = [at for stop in stops if (at := waiting.find(stop)) >= 0]
        if found:
            yield waiting[: min(found)]
            return
        held = max(_begun(waiting, stop) for stop in stops)
        yield waiting[: len(waiting) - held]
        waiting = waiting[len(waiting) - held :]
    yield waiting


def visible(text: str) -> str:
    r"""`text` without characters that steer a terminal; new lines and tabs stay.

    >>> visible("\x1b[2Jred\r\n")
    '␛[2Jred␍\n'
    """
    return text.translate(_VISIBLE)


def _begun(text: str, stop: str) -> int:
    """Characters at the end of `text` that `stop` begins with."""
    return max(n for n in range(min(len(stop), len(text) + 1)) if text.endswith(stop[:n]))
