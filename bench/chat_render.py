"""Conversations to tokens and the tokens that are learnt: segments beside a template with masks.

    python bench/chat_render.py [CONVERSATIONS]

Ours renders segments and encodes them; the peer is transformers' `apply_chat_template` with
`return_assistant_tokens_mask`, which renders the template by Jinja, encodes its text and finds the
marked characters again. It is given the template that we export, what an assistant writes between
`{% generation %}` marks, and a fast tokenizer of the same vocabulary; it masks by the rule
`assistant`. Both are asked in batches of 256, in turn; every token and mask is compared first.
Results go to bench/results/chat_render.json.
"""

import random
import sys
import time
from statistics import median

import numpy as np
from ingest_memory import words
from report import keep
from tokenizers import pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from kormo_ds.chat import TEMPLATE, Encoder, render
from kormo_ds.documents import conversation
from kormo_ds.text import tokens
from kormo_ds.tokenizer.train import add_special_tokens, blank

ROUNDS, BATCH, VOCABULARY = 5, 256, 8000


def conversations(n: int, known: list[str]) -> list[list]:
    """Questions and answers of made-up words, one to three of each; half of them with thoughts."""
    draw = random.Random(0)

    def some(most: int) -> str:
        return " ".join(draw.choices(known, k=draw.randint(10, most)))

    made = []
    for number in range(n):
        turns = []
        for _ in range(draw.randint(1, 3)):
            turns += [conversation.turn("user", some(80))]
            turns += [conversation.turn("assistant", some(200))]
        if number % 2:
            turns[-1]["reasoning"] = some(300)
        made.append(turns)
    return made


def marked() -> str:
    """The exported template, with marks around what the rule `assistant` scores."""
    text = TEMPLATE.read_text(encoding="utf-8")
    begin = "{{- '<|BOT|>assistant\\n' -}}\n    {%- if loop.index0"
    end = "    {{- '<|EOT|>\\n' -}}\n  {%- elif message.role == 'user'"
    assert text.count(begin) == text.count(end) == 1
    text = text.replace(begin, begin.replace("{%- if", "{%- generation -%}\n    {%- if"))
    closed = end.replace(
        "{{- '<|EOT|>\\n' -}}", "{{- '<|EOT|>' -}}\n    {%- endgeneration -%}\n    {{- '\\n' -}}"
    )
    return text.replace(end, closed)


def main(n: int = 2000) -> None:
    known = words(random.Random(1), 20_000)
    blank_ = blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    blank_.train_from_iterator(
        known, trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet)
    )
    add_special_tokens(blank_)
    vocabulary = tokens.parse(blank_.to_str().encode(), "bench")
    theirs = PreTrainedTokenizerFast(tokenizer_object=blank_, chat_template=marked())
    theirs.backend_tokenizer.encode_special_tokens = False
    chats = conversations(n, known)
    sent = [
        [
            {"role": t["role"], "content": t["content"]}
            | ({"reasoning_content": t["reasoning"]} if t["reasoning"] else {})
            for t in turns
        ]
        for turns in chats
    ]
    encoder = Encoder(vocabulary)

    def ours(first: int) -> tuple[list[list[int]], list[list[bool]]]:
        made = encoder([render(t, rule="assistant") for t in chats[first : first + BATCH]])
        edges = made.edges[1:-1]
        return np.split(made.ids, edges), np.split(made.scored, edges)

    def peer(first: int) -> tuple[list[list[int]], list[list[int]]]:
        made = theirs.apply_chat_template(
            sent[first : first + BATCH],
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        return made["input_ids"], made["assistant_masks"]

    n_tokens = 0
    for first in range(0, n, BATCH):
        for mine, other in zip(ours(first), peer(first), strict=True):
            for a, b in zip(mine, other, strict=True):
                assert a.tolist() == list(map(type(a.tolist()[0]), b))
        n_tokens += sum(len(ids) for ids in ours(first)[0])
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(ROUNDS):
        for name, side in (("ours", ours), ("peer", peer)):
            start = time.perf_counter()
            for first in range(0, n, BATCH):
                side(first)
            seconds[name].append(time.perf_counter() - start)
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    keep(
        "chat_render",
        {
            "conversations": n,
            "tokens": n_tokens,
            "rounds": ROUNDS,
            "tokens_a_second": {name: round(n_tokens / median(s)) for name, s in seconds.items()},
            "speed_over_peer": round(median(ratios), 2),
            "of_each_round": [round(ratio, 2) for ratio in ratios],
            "same_tokens_and_masks": True,
        },
        ("transformers", "tokenizers", "jinja2"),
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
