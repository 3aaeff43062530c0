"""Answers that no model gave, whole and spoilt, as an OpenAI-compatible endpoint sends them."""

import hashlib
import json
import re
from typing import Any

from tests.sample import ENGLISH, KOREAN

JSON, HTML = "application/json", "text/html"
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
REFUSALS = {
    "400": ("context_length_exceeded", "This model's maximum context length is 4096 tokens."),
    "401": ("invalid_api_key", "Incorrect API key provided."),
    "404": ("model_not_found", "The model does not exist."),
    "429": ("rate_limit_exceeded", "Rate limit reached for requests."),
    "500": ("server_error", "The server had an error while processing your request."),
    "503": ("overloaded", "The engine is currently overloaded."),
}
_HANGUL = re.compile("[가-힣]")


def answer(body: bytes, text: str = "") -> bytes:
    """A whole answer; without `text`, sentences in the language of the request, by its hash."""
    asked = json.loads(body)
    said = " ".join(str(message["content"]) for message in asked["messages"])
    drawn = hashlib.sha256(body).digest()
    known = KOREAN if _HANGUL.search(said) else ENGLISH
    words = (text or " ".join(known[i % len(known)] for i in drawn[: 1 + drawn[-1] % 4])).split(" ")
    most = asked.get("max_tokens") or asked.get("max_completion_tokens") or len(words)
    usage = {"prompt_tokens": len(said.split()), "completion_tokens": min(len(words), most)}
    usage["total_tokens"] = sum(usage.values())
    made = {
        "id": drawn.hex()[:32],
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": " ".join(words[:most])},
                "finish_reason": "length" if len(words) > most else "stop",
            }
        ],
        "usage": usage,
    }
    return json.dumps(made).encode()


def spoilt(fault: str, good: dict[str, Any]) -> bytes:
    """An answer with something wrong in it."""
    if fault == "no_choices":
        del good["choices"]
    elif fault == "empty_choices":
        good["choices"] = []
    elif fault == "no_text":
        good["choices"][0]["message"]["content"] = None
    elif fault == "no_usage":
        del good["usage"]
    said = json.dumps(good).encode()
    return said[:-9] if fault == "not_json" else said


def response(status: int, body: bytes, kind: str = JSON, extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
    return f"{head}{extra}\r\n".encode() + body
