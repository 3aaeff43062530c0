"""What came back of one request: an answer, or why there is none.

Errors that may pass (`rate_limited`, `server`, `timeout`, `broken`, `malformed`) are worth another
attempt; `refused` (the server will never take this request) is not; `unusable` concerns the whole
endpoint: a wrong key, an unknown model or address. `unreachable` was never sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kormo_ds.documents.conversation import split_reasoning
from kormo_ds.documents.document import Unusable, excerpt, storable

if TYPE_CHECKING:
    from openai import APIStatusError

PASSING = ("rate_limited", "server", "timeout", "broken", "malformed", "interrupted")
_BY_STATUS = {401: "unusable", 403: "unusable", 404: "unusable", 408: "timeout", 409: "server"}


@dataclass(frozen=True)
class Reply:
    """One attempt's end."""

    error: str = ""
    detail: str = ""
    text: str | None = None
    reasoning: str | None = None
    finish_reason: str | None = None
    n_prompt_tokens: int | None = None
    n_completion_tokens: int | None = None
    retry_after: float = 0
    """Seconds that the server asks to be left alone."""


def answered(completion: Any) -> Reply:
    """The reply that a chat completion is, as its JSON says; one without a text is malformed."""
    try:
        choice = completion["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        content = message.get("content")
        thought = message.get("reasoning_content") or message.get("reasoning")
        usage = completion.get("usage") or {}
        counts = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
        if not isinstance(content, str) and not (content is None and thought):
            raise TypeError(f"content is {type(content).__name__}")
        if not all(count is None or isinstance(count, int) for count in counts):
            raise TypeError(f"usage is {usage!r}")
    except (AttributeError, IndexError, TypeError, KeyError) as error:
        return Reply("malformed", excerpt(f"{error}; the answer was {completion!r}"))
    text = content or ""
    if not thought:
        thought, text = _split(text)
    return Reply(
        text=storable(text),
        reasoning=storable(thought) if isinstance(thought, str) and thought else None,
        finish_reason=str(finish) if finish else None,
        n_prompt_tokens=counts[0],
        n_completion_tokens=counts[1],
    )


def _split(text: str) -> tuple[str | None, str]:
    """Thoughts and answer; thoughts that never end, as at `max_tokens`, leave no answer."""
    try:
        return split_reasoning(text)
    except Unusable:
        return text.lstrip().removeprefix("<think>").strip(), ""


def failed(error: Exception, secret: str) -> Reply:
    """The reply that an exception of the client is; `secret` is taken out of what it says."""
    import httpx2
    import openai

    said = str(getattr(error, "message", "") or error)
    cause: BaseException | None = error.__cause__
    if isinstance(error, openai.APIStatusError):
        return _status(error, secret)
    if isinstance(error, openai.APITimeoutError):
        word, said = "timeout", "no whole answer in time"
    elif isinstance(error, openai.APIConnectionError):
        word = "unreachable" if isinstance(cause, httpx2.ConnectError) else "broken"
        said = f"{said} {cause or ''}"
    else:  # what is not JSON, not UTF-8 or of another form
        word = "malformed"
    return Reply(word, without(said, secret))


def _status(error: "APIStatusError", secret: str) -> Reply:
    status = error.status_code
    word = _BY_STATUS.get(status) or ("refused" if status < 500 else "server")
    if status == 429:
        word = "rate_limited"
    said = without(f"{status}: {error.message}", secret)
    return Reply(word, said, retry_after=_seconds(error.response.headers))


def _seconds(headers: Mapping[str, str]) -> float:
    """The header Retry-After as seconds; 0 where there is none, or a date."""
    try:
        return max(0.0, float(headers.get("retry-after", "0")))
    except ValueError:
        return 0.0


def without(text: str, secret: str) -> str:
    """`text` as the lake can hold it, short, and with the key taken out."""
    return excerpt(" ".join((text.replace(secret, "[key]") if secret else text).split()))
