"""Answers of a plan into `documents`: who wrote each, from which seed, asked by which prompt.

    plan.requests ── answered ──▶ Document | Reject ── Chunks ──▶ one commit a chunk

What has no answer yet waits for the next run; what cannot be a document goes into `rejects`. Run
again, what is there stays: a document's id is a hash of source, request and text. Memory: a chunk,
and 8 bytes a document of the lake.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

import lake
from kormo_ds.documents import conversation
from kormo_ds.documents.chunk import Chunks
from kormo_ds.documents.document import Document, Reject, Turn
from kormo_ds.documents.identity import doc_id
from kormo_ds.errors import unknown
from kormo_ds.generate.answers import Answer, answered
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.plan import Plan
from kormo_ds.generate.prompt import Prompt
from kormo_ds.generate.request import Request, Work
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import prompts

REASONS = {
    "refused": "the server takes no such request: too long, or not allowed",
    "empty_answer": "the answer is empty, or white space only; the detail says how it ended",
    "no_reasoning": "the prompt asks for thoughts, and the answer has none",
}
"""Why an answer is no document."""
_ROWS, _BYTES = 20_000, 64 << 20


@dataclass
class Written:
    """What became of a plan's requests."""

    ingest_run: str
    n_requests: int = 0
    n_waiting: int = 0
    """Without an answer yet."""
    n_added: int = 0
    """Documents that are new."""
    n_present: int = 0
    """Answers whose document the lake, or an earlier answer, had already."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Answers that are no documents, by reason."""
    by_synthesizer: Counter[str] = field(default_factory=Counter)
    """New documents by who wrote them."""

    @property
    def n_rejected(self) -> int:
        """Answers that are no documents."""
        return self.rejected.total()


def work(lk: lake.Lake, plan: Plan, endpoints: Mapping[str, Endpoint]) -> Work:
    """What the plan asks of each endpoint; nothing is sent or written.

    Raises:
        UnknownName: a synthesizer of the plan is not described.
    """
    for name in plan.endpoints:
        if name not in endpoints:
            way_out = f"describe it, or ask another one: synthesizers.{name}=0 synthesizers.NAME=1"
            raise unknown("endpoint", name, endpoints, way_out)
    return {name: lambda name=name: plan.requests(lk, name) for name in plan.endpoints}  # type: ignore[misc]


def keep_prompts(lk: lake.Lake, plan: Plan) -> None:
    """Keep the plan's prompts in the lake; what they say under a name and version stays so.

    Raises:
        BadConfig: the lake knows another text under a prompt's name and version.
    """
    for prompt in plan.used.values():
        prompts.keep(lk, prompt.name, prompt.text)


def write_documents(
    lk: lake.Lake, plan: Plan, endpoints: Mapping[str, Endpoint], progress: Advance = silent
) -> Written:
    """Write the documents, and the rejects, that a plan's answers are.

    Args:
        lk: the lake; its writer lock is held.
        plan: what was asked.
        endpoints: by name.
        progress: told of requests that were looked at.

    Raises:
        UnknownName: a synthesizer of the plan is not described.
        BadConfig: the lake knows another text under a prompt's name and version.
        LakeLocked: another process is writing.
    """
    started = datetime.now(UTC)
    done = Written(f"{plan.name}-{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
    with lk.lock(f"synthesize {plan.name}"):
        keep_prompts(lk, plan)
        chunks = Chunks(lk, done.ingest_run, dry_run=False)
        for name, requests in work(lk, plan, endpoints).items():
            for request, answer in answered(lk, endpoints[name], requests()):
                done.n_requests += 1
                progress(1)
                if answer is None:
                    done.n_waiting += 1
                    continue
                made = document(plan, endpoints[name], request, answer)
                if isinstance(made, Reject):
                    chunks.reject(plan.source, made)
                    done.rejected[made.reason] += 1
                elif not chunks.add(made):
                    done.n_present += 1
                if chunks.full(_ROWS, _BYTES):
                    _commit(chunks, done)
        _commit(chunks, done)
        if done.n_added or done.n_rejected or done.n_present:
            lk.append("ingests", _ingests_row(done, plan, started))
    return done


def document(plan: Plan, endpoint: Endpoint, request: Request, answer: Answer) -> Document | Reject:
    """The document that an answer is, or why it is none."""
    prompt = plan.prompt_of(request.parent_id, request.sample)
    text = answer.text.strip()
    detail = f"finish_reason {answer.finish_reason}"
    if answer.error:
        return _reject(plan, endpoint, answer, answer.error, "no answer")
    if not text:
        return _reject(plan, endpoint, answer, "empty_answer", detail)
    if prompt.reasoning and not answer.reasoning:
        return _reject(plan, endpoint, answer, "no_reasoning", detail)
    turns = _conversation(request, text, answer.reasoning) if prompt.reasoning else None
    if turns:
        text = conversation.text(turns)
    data = text.encode()
    return Document(
        doc_id=doc_id(plan.source, answer.request_id, data, turns),
        source_id=answer.request_id,
        text=data,
        lang=prompt.language,
        source=plan.source,
        origin=prompt.origin,
        kind=plan.kind,
        url=None,
        license=plan.license or None,
        parent_id=request.parent_id,
        synthesizer=endpoint.synthesizer,
        prompt_style=prompt.style,
        prompt_id=prompt.name,
        meta=_meta(plan, endpoint, prompt, request, answer),
        messages=turns,
    )


def _conversation(request: Request, text: str, reasoning: str | None) -> list[Turn]:
    """The seed, which is a question, and its answer; the system message was for the model only."""
    _, question = request.messages[-1]
    return [
        Turn(role="user", content=question, reasoning=None),
        Turn(role="assistant", content=text, reasoning=reasoning),
    ]


def _meta(plan: Plan, endpoint: Endpoint, prompt: Prompt, request: Request, answer: Answer) -> str:
    facts = {
        "plan": plan.name,
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "finish_reason": answer.finish_reason,
        "sample": request.sample,
        "parameters": plan.values_of(prompt, request.parent_id, request.sample),
        "n_prompt_tokens": answer.n_prompt_tokens,
        "n_completion_tokens": answer.n_completion_tokens,
    }
    return json.dumps(facts, ensure_ascii=False)


def _reject(plan: Plan, endpoint: Endpoint, answer: Answer, reason: str, detail: str) -> Reject:
    return Reject(f"{plan.name}: {endpoint.name}", answer.request_id, 0, reason, detail)


def _commit(chunks: Chunks, done: Written) -> None:
    added, n_present = chunks.commit()
    done.n_added += len(added)
    done.n_present += n_present
    done.by_synthesizer.update(document.synthesizer or "" for document in added)


def _ingests_row(done: Written, plan: Plan, started: datetime) -> pa.Table:
    row = {
        "ingest_run": done.ingest_run,
        "started_at": started.replace(tzinfo=None),
        "finished_at": datetime.now(UTC).replace(tzinfo=None),
        "inputs": json.dumps([f"plan {plan.name}"], ensure_ascii=False),
        "options": json.dumps(asdict(plan), ensure_ascii=False, default=str),
        "n_read": done.n_requests - done.n_waiting,
        "n_added": done.n_added,
        "n_present": done.n_present,
        "n_rejected": done.n_rejected,
    }
    return pa.Table.from_pylist([row])
