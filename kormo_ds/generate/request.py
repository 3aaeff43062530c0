"""One request to an LLM, and the id that makes it the same request for ever.

The id is a hash of the model, the messages, the sampling and a sample number, so the same question
is asked once and then answered from the table `generations`, whatever plan or endpoint asks it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from kormo_ds.errors import BadConfig

Message = tuple[str, str]
"""Role (system, user or assistant) and content."""


@dataclass(frozen=True)
class Sampling:
    """How an answer is drawn, in the words of the OpenAI protocol.

    Raises:
        BadConfig: a value out of range.
    """

    temperature: float = 0.7
    top_p: float = 0.95
    max_tokens: int = 1024
    """Tokens of an answer at most, reasoning included."""
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in (("temperature", 0.0, 2.0), ("top_p", 0.0, 1.0)):
            if not low <= getattr(self, name) <= high:
                raise BadConfig(f"{name}={getattr(self, name)} must be from {low:g} to {high:g}")
        if self.max_tokens < 1:
            raise BadConfig(f"max_tokens={self.max_tokens} must be 1 or more")

    @cached_property
    def words(self) -> Mapping[str, Any]:
        """What a request says of it; what is not set is not said."""
        said = {key: value for key, value in asdict(self).items() if value not in (None, ())}
        return said | ({"stop": list(self.stop)} if self.stop else {})

    @cached_property
    def json(self) -> str:
        """The same as text."""
        return json.dumps(self.words, sort_keys=True)


@dataclass(frozen=True)
class Request:
    """A question, how it is to be answered, and what it is made from."""

    messages: tuple[Message, ...]
    sampling: Sampling
    prompt_id: str
    """Prompt and its version, e.g. 'textbook_ko@1'."""
    parent_id: str
    """doc_id of the seed."""
    sample: int = 0
    """0, 1, … of requests that are otherwise the same."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the messages alone: 32 hex digits."""
        return _hashed(self.messages)

    def id(self, model: str) -> str:
        """32 hex digits: the same for the same question to the same model."""
        return _hashed([model, self.fingerprint, self.sampling.json, self.sample])


Work = Mapping[str, Callable[[], Iterable[Request]]]
"""For each endpoint's name, what makes its requests."""


def _hashed(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
