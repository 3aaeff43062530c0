"""Haystacks: the text of held-out documents of one language, cut behind sentences.

A sentence ends at `.`, `!`, `?`, `…` or their wide forms, with what closes quotes or brackets
behind it, where white space follows, and at the end of a line. A sentence keeps the blank before
it, so a text that is cut between sentences has the same tokens there as the whole.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kormo_ds.errors import BadInput
from kormo_ds.eval.documents import Document
from kormo_ds.text.tokens import Vocabulary

POOL_TOKENS = 1 << 20
"""Documents are read until they have so many tokens: the same ones whatever lengths are asked."""
_SENTENCE = re.compile(r".*?(?:[.!?。！？…]+[\"'”’)\]}」』》〉）]*(?=\s|$)|\n+|$)\n*", re.DOTALL)
_BREAK = "\n\n"


@dataclass(frozen=True)
class Text:
    """A document as sentences with their tokens."""

    doc_id: str
    sentences: Sequence[str]
    sizes: Sequence[int]


@dataclass(frozen=True)
class Haystack:
    """Sentences that follow one another, and what each costs."""

    sentences: Sequence[str]
    sizes: Sequence[int]

    @property
    def n_tokens(self) -> int:
        """Of all sentences."""
        return sum(self.sizes)

    def place(self, depth: int) -> int:
        """The sentence before which a needle stands: `depth` per cent of the tokens, moved back."""
        ends = list(accumulate(self.sizes))
        return bisect_right(ends, ends[-1] * depth // 100)

    def with_needles(self, needles: Iterable[tuple[int, str]]) -> str:
        """The text with each needle before the sentence of its number, as a sentence of its own."""
        at: dict[int, list[str]] = {}
        for place, needle in needles:
            at.setdefault(place, []).append(needle)
        text = ""
        for place in range(len(self.sentences) + 1):
            for needle in at.get(place, ()):
                on_new_line = not text or text.endswith("\n")
                text += f"{needle}\n" if on_new_line else f" {needle}"
            if place < len(self.sentences):
                text += self.sentences[place]
        return text


def sentences(text: str) -> list[str]:
    r"""The sentences of a text; joined they are the text.

    >>> sentences('바다다. "왜?" 3.5km다.\n\n끝')
    ['바다다.', ' "왜?"', ' 3.5km다.\n\n', '끝']
    """
    return [found for found in _SENTENCE.findall(text) if found]


@dataclass(frozen=True)
class Pool:
    """The documents of one language that haystacks are made of."""

    lang: str
    mixture: str
    texts: Sequence[Text]
    seed: int

    @classmethod
    def read(
        cls,
        documents: Iterable[Document],
        vocabulary: Vocabulary,
        *,
        lang: str,
        mixture: str,
        n_tokens: int,
        seed: int,
    ) -> "Pool":
        """Read documents of `lang`, `POOL_TOKENS` at most.

        Args:
            documents: of the mixture, in its order.
            vocabulary: whose tokens count.
            lang: as the documents' source says it.
            mixture: its name, for messages.
            n_tokens: of the longest haystack.
            seed: of the order of documents.

        Raises:
            BadInput: the mixture has less text of the language than one haystack needs.
        """
        texts, total = [], 0
        for document in documents:
            if document.lang != lang or not document.text.strip():
                continue
            parts = sentences(document.text.strip() + _BREAK)
            sizes = vocabulary.count(parts)
            texts.append(Text(document.doc_id, parts, sizes))
            total += sum(sizes)
            if total >= POOL_TOKENS:
                break
        if total < n_tokens:
            raise BadInput(
                f"{mixture} has {len(texts):,} documents with lang = '{lang}', {total:,} tokens in "
                f"all; the longest haystack needs {n_tokens:,}: take shorter lengths, or another "
                "mixture=NAME"
            )
        return cls(lang, mixture, texts, seed)

    def haystack(self, sample: int, n_tokens: int) -> Haystack:
        """The first sentences of the pool in the order of this sample, with `n_tokens` at most.

        The order is by MD5 of document, seed and sample. A sentence that does not fit as a whole is
        cut behind a word, so that nearly all of `n_tokens` is text.
        """
        chosen: list[str] = []
        sizes: list[int] = []
        left = n_tokens
        for text in sorted(self.texts, key=lambda text: self._key(text, sample)):
            for sentence, size in zip(text.sentences, text.sizes, strict=True):
                if size > left:
                    part = sentence[: len(sentence) * left // size]
                    part = part[: max(0, part.rfind(" "))]
                    if part.strip():
                        chosen.append(part)
                        sizes.append(left)
                    return Haystack(chosen, sizes)
                chosen.append(sentence)
                sizes.append(size)
                left -= size
        return Haystack(chosen, sizes)

    def _key(self, text: Text, sample: int) -> str:
        return hashlib.md5(f"{text.doc_id}|{self.seed}|{sample}".encode()).hexdigest()
