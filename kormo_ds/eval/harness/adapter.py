"""lm-evaluation-harness's `LM` over our model.

Scores are those of the harness's own HF backend with the exported model: the same requests, tokens
and truncation. Tokens are what `tokenizer.json` makes of a text, its BOS included where it puts
one; a context is encoded together with its continuation and cut where it would end alone; what is
too long loses its beginning. A rolling likelihood therefore predicts that BOS from another BOS, as
HF's does there (`kormo eval` itself does not: `kormo_ds.eval.bits_per_byte`).

The harness sees one process. Its requests are shared out below it (`scoring`, `generation`), so
every rank has every answer, and makes as many forward passes as any other.
"""

from collections.abc import Sequence
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.model import TemplateLM
from lm_eval.models.utils import (
    handle_stop_sequences,
    normalize_gen_kwargs,
    postprocess_generated_text,
)
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

from kormo_ds.errors import BadInput
from kormo_ds.eval.harness.generation import Prompt, continued
from kormo_ds.eval.harness.journal import Journal, Key
from kormo_ds.eval.harness.requests import asked
from kormo_ds.eval.harness.scoring import Likelihood, likelihoods
from kormo_ds.eval.harness.workers import Workers
from kormo_ds.progress import Advance, silent
from kormo_ds.text.tokens import BOS, EOS, Vocabulary

BATCH_TOKENS = 8192
"""Tokens of a forward pass."""
MAX_NEW_TOKENS = 256
"""Of a continuation whose task does not say; as in the harness's HF backend."""


class Model(TemplateLM):  # type: ignore[misc]
    """Our model as the harness knows one."""

    backend = "causal"

    def __init__(
        self,
        workers: Workers,
        vocabulary: Vocabulary,
        *,
        journal: Journal | None = None,
        max_length: int = 0,
        batch_tokens: int = BATCH_TOKENS,
        advance: Advance = silent,
    ) -> None:
        """Ask nothing yet.

        Args:
            workers: who runs the model.
            vocabulary: its tokenizer.
            journal: what is known already, and where to write what is found.
            max_length: tokens that a request may have; 0 takes the model's positions.
            batch_tokens: tokens of a forward pass.
            advance: told of each answered request.

        Raises:
            BadInput: more tokens than the model has positions, or a number below 0.
        """
        super().__init__()
        positions = workers.config.max_positions
        if not 0 <= max_length <= positions:
            raise BadInput(f"length={max_length} wants 0 to the model's {positions} positions")
        if batch_tokens < 1:
            raise BadInput(f"batch_tokens={batch_tokens} wants 1 or more")
        self.max_length = max_length or positions
        self.journal = journal or Journal(None)
        self.advance = advance
        self._workers, self._vocabulary = workers, vocabulary
        self._batch_tokens = batch_tokens
        self._device = workers.device

    @property
    def eot_token_id(self) -> int:
        """The token that ends a document."""
        return self._vocabulary.eos

    @property
    def prefix_token_id(self) -> int:
        """What stands before a text without context."""
        return self._vocabulary.bos

    def tok_encode(
        self, string: str, add_special_tokens: bool | None = None, **_: Any
    ) -> list[int]:
        """Token ids; by default with the BOS that tokenizer.json itself puts first, if it does."""
        special = not string.startswith(BOS) if add_special_tokens is None else add_special_tokens
        return self._vocabulary.tokenizer.encode(string, add_special_tokens=special).ids

    def loglikelihood(
        self, requests: list[Instance], disable_tqdm: bool = True
    ) -> list[Likelihood]:
        """(ln p, is greedy) of each continuation given its context."""
        found: list[Likelihood] = super().loglikelihood(requests, disable_tqdm=True)
        return found

    def loglikelihood_rolling(
        self, requests: list[Instance], disable_tqdm: bool = True
    ) -> list[float]:
        """Ln p of each text, in windows that do not overlap but for one token of context."""
        texts = [text for (text,) in (request.args for request in requests)]
        windows = [
            (owner, *make_disjoint_window(window))
            for owner, text in enumerate(texts)
            for window in get_rolling_token_windows(
                self.tok_encode(text), self.prefix_token_id, self.max_length, 1
            )
        ]
        found = self._likelihoods("rolling", [(context, rest) for _, context, rest in windows])
        sums = [0.0] * len(texts)
        for (owner, *_), (value, _) in zip(windows, found, strict=True):
            sums[owner] += value
        return sums

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = True) -> list[str]:
        """The continuation of each context, up to a stop, EOS or the task's number of tokens.

        Raises:
            BadInput: a task wants more new tokens than the model has positions.
        """
        wishes = [_wish(*request.args) for request in requests]
        turns: dict[str, int] = {}
        keys, prompts = [], []
        for text, settings, stops in wishes:
            room = self.max_length - settings["max_gen_toks"]
            if room < 1:
                raise BadInput(
                    f"a task wants {settings['max_gen_toks']} new tokens, and the model has "
                    f"{self.max_length} positions in all; leave that task out"
                )
            same = Key.of("generate", text, settings, stops, self.max_length)
            turn = turns[same] = turns.get(same, -1) + 1 if settings["do_sample"] else 0
            keys.append(f"{same}-{turn}")
            prompts.append(self._prompt(text, settings, room, turn))
        known = {key: self.journal[key] for key in keys if key in self.journal}
        first = {key: number for number, key in reversed(list(enumerate(keys)))}
        left = [number for key, number in first.items() if key not in known]

        def text_of(number: int, added: Sequence[int]) -> str:
            said = self._vocabulary.tokenizer.decode(added, skip_special_tokens=True)
            return str(postprocess_generated_text(said, wishes[number][2], None))

        def ended(place: int, added: list[int]) -> bool:
            stops = wishes[left[place]][2]
            tail = added[-4 * max(map(len, stops)) - 4 :]
            said = self._vocabulary.tokenizer.decode(tail, skip_special_tokens=True)
            return any(stop in said for stop in stops if stop)

        def keep(found: dict[int, list[int]]) -> None:
            said = {left[place]: added for place, added in found.items()}
            self.journal.add({keys[n]: text_of(n, added) for n, added in said.items()})
            self.advance(len(found))

        new = continued(
            self._workers,
            [prompts[number] for number in left],
            n_ids=self._vocabulary.size,
            stop=self.eot_token_id,
            ended=ended,
            batch_tokens=self._batch_tokens,
            found=keep,
        )
        known |= {keys[n]: text_of(n, added) for n, added in zip(left, new, strict=True)}
        self.advance(len(keys) - len(left))
        return [known[key] for key in keys]

    def _prompt(self, text: str, settings: dict[str, Any], room: int, turn: int) -> Prompt:
        drawn = settings["do_sample"]
        return Prompt(
            self.tok_encode(text)[-room:] or [self.prefix_token_id],
            max_tokens=settings["max_gen_toks"],
            temperature=float(settings.get("temperature", 1.0)) if drawn else 0.0,
            top_p=float(settings.get("top_p", 1.0)) if drawn else 1.0,
            seed=turn,
        )

    def _loglikelihood_tokens(
        self,
        requests: list[tuple[tuple[str, str], list[int], list[int]]],
        disable_tqdm: bool = True,
        **_: Any,
    ) -> list[Likelihood]:
        return self._likelihoods("likelihood", [(context, rest) for _, context, rest in requests])

    def _likelihoods(
        self, kind: str, pairs: Sequence[tuple[list[int], list[int]]]
    ) -> list[Likelihood]:
        """Each pair once, those in the journal not at all."""
        keys = [Key.of(kind, context, rest, self.max_length) for context, rest in pairs]
        known = {key: self.journal[key] for key in keys if key in self.journal}
        first = {key: number for number, key in reversed(list(enumerate(keys)))}
        left = [number for key, number in first.items() if key not in known]

        def keep(found: dict[int, Likelihood]) -> None:
            self.journal.add({keys[left[place]]: list(value) for place, value in found.items()})

        self.advance(len(keys) - len(left))
        new = likelihoods(
            self._workers,
            [asked(*pairs[number], self.max_length) for number in left],
            batch_tokens=self._batch_tokens,
            found=keep,
            advance=self.advance,
        )
        known |= {keys[number]: value for number, value in zip(left, new, strict=True)}
        return [(float(known[key][0]), bool(known[key][1])) for key in keys]


def _wish(text: str, given: dict[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
    """Context, settings and stops of a request, as the harness's HF backend reads them.

    Raises:
        BadInput: a setting that draws otherwise than temperature and top_p do.
    """
    settings: dict[str, Any] = dict(normalize_gen_kwargs(given, MAX_NEW_TOKENS))
    stops = handle_stop_sequences(settings.pop("until", None), eos=EOS)
    ours = {"do_sample", "temperature", "top_p", "max_gen_toks"}
    if settings["do_sample"] and (other := sorted(set(settings) - ours)):
        raise BadInput(
            f"a task draws with {', '.join(other)}; known here: temperature, top_p; leave it out"
        )
    return text, {key: settings[key] for key in sorted(ours & set(settings))}, stops or [""]
