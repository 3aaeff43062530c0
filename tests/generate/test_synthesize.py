"""A plan's answers become documents, by a real endpoint over HTTP; twice is once; what is none."""

import dataclasses
import json
import shutil

import pytest
from typer.testing import CliRunner

import lake
from kormo_ds.cli.app import app
from kormo_ds.documents.identity import doc_id
from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.generate import plan
from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.synthesize import REASONS, work, write_documents
from kormo_ds.recorded import prompts
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run as run_steps
from kormo_ds.steps.synthetic import Synthetic
from tests.generate.planned import prompt

N = 40


@pytest.fixture
def endpoints(faulty):
    return {
        "big": Endpoint("big", faulty.url, "model-b", synthesizer="Big"),
        "small": Endpoint("small", faulty.url, "model-s"),
    }


def synthesized(lk, made, endpoints):
    ask(lk, endpoints, work(lk, made, endpoints), f"synthesize:{made.name}")
    return write_documents(lk, made, endpoints)


def rows(lk, columns, where="synthesizer is not null"):
    return lk.sql(f"select {columns} from documents where {where} order by all").fetchall()


def test_documents_say_where_they_come_from(seeds_of, plan_file, endpoints):
    lk, made = seeds_of(N), plan.read(str(plan_file), ["per_seed=2", "license=CC0"])
    done = synthesized(lk, made, endpoints)
    assert (done.n_requests, done.n_added, done.n_waiting) == (2 * N, 2 * N, 0)
    by = dict(rows(lk, "synthesizer, count(*) over (partition by synthesizer)"))
    assert done.by_synthesizer == by and set(by) == {"Big", "model-s"}
    born = "lang, source, origin, kind, license, url, messages, ingest_run, length(text) > 5"
    expected = (
        "ko",
        "synth_mine",
        "synthetic",
        "rewrite",
        "CC0",
        None,
        None,
        done.ingest_run,
        True,
    )
    assert rows(lk, f"distinct {born}") == [expected]
    assert rows(lk, "distinct prompt_id, prompt_style") == [("more@1", "글"), ("tell@1", "이야기")]

    answers = {
        request.parent_id: (name, request)
        for name, requests in work(lk, made, endpoints).items()
        for request in requests()
        if request.sample == 0
    }
    found = rows(lk, "parent_id, source_id, doc_id, text, synthesizer, prompt_id, meta")
    found = {row[0]: row[1:] for row in found if json.loads(row[-1])["sample"] == 0}
    assert len(found) == N
    for parent, (source_id, key, text, synthesizer, prompt_id, meta) in found.items():
        name, request = answers[parent]
        facts = json.loads(meta)
        assert source_id == endpoints[name].id_of(request)
        assert key == doc_id("synth_mine", source_id, text.encode())
        assert (synthesizer, prompt_id) == (endpoints[name].synthesizer, request.prompt_id)
        assert (facts["plan"], facts["endpoint"]) == ("mine", name)
        assert facts["model"] == endpoints[name].model and facts["finish_reason"] == "stop"
        chosen = made.values_of(made.prompt_of(parent, 0), parent, 0)
        assert facts["parameters"] == chosen
        assert chosen.get("audience", "") in request.messages[-1][1]

    ingested = lk.sql("select * exclude (started_at, finished_at, options) from ingests").fetchall()
    assert ingested == [(done.ingest_run, '["plan mine"]', 2 * N, 2 * N, 0, 0)]
    (options,) = lk.sql("select options from ingests").fetchall()[0]
    assert json.loads(options)["prompts"] == {"more": 1.0, "tell": 3.0}
    assert "독자: $audience" in prompts.read(lk, "tell@1")


def test_twice_is_once_and_more_seeds_add_theirs(seeds_of, plan_file, endpoints, faulty):
    lk, made = seeds_of(N), plan.read(str(plan_file))
    synthesized(lk, made, endpoints)
    before = rows(lk, "*")
    again = synthesized(lk, made, endpoints)
    assert (again.n_added, again.n_present, again.n_rejected) == (0, N, 0)
    assert rows(lk, "*") == before
    seeds_of(5, first=N)
    more = synthesized(lk, made, endpoints)
    assert (more.n_requests, more.n_added, more.n_present) == (N + 5, 5, N)
    assert faulty.counts()["requests"] == N + 5


def test_what_has_no_answer_yet_waits(seeds_of, plan_file, endpoints):
    lk, made = seeds_of(N), plan.read(str(plan_file))
    assert write_documents(lk, made, endpoints).n_waiting == N
    assert not lk.exists("rejects") and not lk.exists("ingests")
    ask(lk, endpoints, {"small": work(lk, made, endpoints)["small"]}, "test")
    half = write_documents(lk, made, endpoints)
    assert set(half.by_synthesizer) == {"model-s"} and half.n_waiting == N - half.n_added > 0
    assert synthesized(lk, made, endpoints).n_waiting == 0
    assert len(rows(lk, "doc_id")) == N


def test_what_cannot_be_a_document_is_a_reject_with_its_reason(
    seeds_of, plan_file, endpoints, faulty
):
    lk, made = seeds_of(12), plan.read(str(plan_file), ["prompts.tell=0", "synthesizers.small=0"])
    faulty.faults(
        {"fault": "say", "text": " \n ", "contains": "\n3번째"},
        {"fault": "400", "contains": "\n5번째"},
        {"fault": "say", "text": "nul \0 and half a pair", "contains": "\n7번째"},
    )
    done = synthesized(lk, made, endpoints)
    assert done.rejected == {"empty_answer": 1, "refused": 1} and done.n_added == 10
    assert set(done.rejected) < set(REASONS)
    columns = "ingest_run, source, file, line, reason, detail"
    found = lk.sql(f"select {columns} from rejects order by reason").fetchall()
    origin = (done.ingest_run, "synth_mine", "mine: big", 0)
    assert found == [
        (*origin, "empty_answer", "finish_reason stop"),
        (*origin, "refused", "no answer"),
    ]
    assert rows(lk, "text", f"parent_id = '{7:032x}'") == [("nul \\0 and half a pair",)]
    again = synthesized(lk, made, endpoints)
    assert (again.n_added, again.n_rejected, lk.dataset("rejects").count_rows()) == (0, 2, 2)
    totals = lk.sql("select sum(n_read), sum(n_added + n_present + n_rejected) from ingests")
    assert totals.fetchall() == [(24, 24)]


def test_a_conversation_with_its_thoughts_apart(seeds_of, plan_file, endpoints, faulty):
    think = "reasoning: en\nsystem: 영어로 생각하고 한국어로 답하세요.\n"
    prompt(plan_file.parent / "own", "think", "$seed", style="추론", more=think)
    words = ["prompts.think=1", "prompts.more=0", "prompts.tell=0", "seeds.chars=0"]
    lk, made = seeds_of(6), plan.read(str(plan_file), words)
    faulty.faults(
        {"fault": "say", "text": "생각 없는 답입니다.", "contains": "4번째"},
        {"fault": "say", "text": "<think>\nIt is blue.\n</think>\n\n푸르기 때문입니다."},
    )
    done = synthesized(lk, made, endpoints)
    assert (done.n_added, done.rejected) == (5, {"no_reasoning": 1})
    (text, turns), *_ = rows(lk, "text, messages")
    assert text == "0번째 글. 바다는 푸르다.\n\n푸르기 때문입니다."
    assert turns == [
        {"role": "user", "content": "0번째 글. 바다는 푸르다.", "reasoning": None},
        {"role": "assistant", "content": "푸르기 때문입니다.", "reasoning": "It is blue."},
    ]
    run_steps(lk, [Clean(), Synthetic()])
    assert rows(lk, "distinct synthetic_reasoning_lang, synthetic_reason") == [("en", "kept")]


def test_the_step_finds_what_was_asked(seeds_of, plan_file, endpoints, faulty):
    """Cut answers, copies of seeds and leaks of prompts, from the request to the column."""
    prompt(
        plan_file.parent / "own",
        "more",
        "아래 글을 어린이에게 들려주듯 천천히 다시 써 주세요.\n$seed",
    )
    lk, made = seeds_of(9), plan.read(str(plan_file), ["prompts.tell=0", "sampling.max_tokens=12"])
    leak = "네, 아래 글을 어린이에게 들려주듯 천천히 다시 써 드리겠습니다. 바다는 푸릅니다."
    faulty.faults(
        {"fault": "say", "text": "1번째 글. 바다는 푸르다!", "contains": "\n1번째"},
        {"fault": "say", "text": leak, "contains": "\n2번째"},
        {"fault": "say", "text": "죄송하지만 그 글은 쓸 수 없습니다.", "contains": "\n3번째"},
        {"fault": "say", "text": "파도가 " * 20, "contains": "\n4번째"},
        {"fault": "say", "text": "섬에는 오래된 집이 있다.", "contains": "\n5번째"},
    )
    synthesized(lk, made, endpoints)
    run_steps(lk, [Clean(), Synthetic(min_words=0, copy_ngram=3)])
    found = dict(rows(lk, "parent_id, synthetic_reason"))
    expected = ("copy_of_seed", "prompt_leak", "refusal", "truncated", "kept")
    assert tuple(found[f"{i:032x}"] for i in range(1, 6)) == expected


def test_a_prompt_that_was_changed_without_a_new_version_is_refused(seeds_of, plan_file, endpoints):
    lk, made = seeds_of(3), plan.read(str(plan_file))
    synthesized(lk, made, endpoints)
    path = plan_file.parent / "own" / "more.md"
    path.write_text(path.read_text().replace("더 써", "더 길게 써"))
    with pytest.raises(BadConfig, match="prompt more@1 is not the one .*raise its version"):
        write_documents(lk, plan.read(str(plan_file)), endpoints)
    path.write_text(path.read_text().replace("version: 1", "version: 2"))
    assert synthesized(lk, plan.read(str(plan_file)), endpoints).n_waiting == 0
    assert prompts.read(lk, "more@2")


def test_a_synthesizer_that_is_not_described(seeds_of, plan_file, endpoints):
    del endpoints["big"]
    with pytest.raises(UnknownName, match="unknown endpoint 'big'.*synthesizers.big=0"):
        work(seeds_of(1), plan.read(str(plan_file)), endpoints)


def test_a_kill_between_chunks_repeats_nothing(seeds_of, plan_file, endpoints, monkeypatch):
    """Documents are committed in chunks; what a killed run has committed is not written again."""
    from kormo_ds.documents import chunk
    from kormo_ds.generate import synthesize

    alone, killed = seeds_of(N, "alone"), seeds_of(N, "killed")
    made = plan.read(str(plan_file))
    synthesized(alone, made, endpoints)
    ask(killed, endpoints, work(killed, made, endpoints), "test")
    monkeypatch.setattr(synthesize, "_ROWS", 7)
    commit, commits = chunk.Chunks.commit, []

    def dying(chunks):
        if len(commits) == 3:
            raise KeyboardInterrupt
        commits.append(1)
        return commit(chunks)

    monkeypatch.setattr(chunk.Chunks, "commit", dying)
    with pytest.raises(KeyboardInterrupt):
        write_documents(killed, made, endpoints)
    assert len(rows(killed, "doc_id")) == 21
    monkeypatch.setattr(chunk.Chunks, "commit", commit)
    done = write_documents(killed, made, endpoints)
    assert (done.n_added, done.n_present) == (N - 21, 21)
    columns = "* exclude (ingest_run)"
    assert rows(killed, columns) == rows(alone, columns)


@pytest.fixture
def kormo(seeds_of, plan_file, faulty, tmp_path, monkeypatch):
    """`kormo synthesize mine.yaml …` in a folder with a file of endpoints; returns what it says."""
    seeds_of(N)
    (tmp_path / "endpoints.yaml").write_text(
        f"big: {{url: '{faulty.url}', model: b, price_in: 1, price_out: 2}}\n"
        f"small: {{url: '{faulty.url}', model: s, synthesizer: Small}}\n"
    )
    monkeypatch.chdir(tmp_path)

    def call(*words):
        return CliRunner().invoke(app, ["synthesize", *words, "--lake", str(tmp_path / "lake")])

    return call


def test_the_command(kormo, plan_file, faulty, tmp_path):
    dry = kormo(str(plan_file), "--dry-run")
    assert dry.exit_code == 0, dry.output
    lines = [line.split() for line in dry.output.splitlines()]
    n = {line[0]: int(line[1]) for line in lines if line[0] in ("big", "small")}
    assert sum(n.values()) == N and faulty.counts()["requests"] == 0
    assert not (tmp_path / "lake" / "prompts").exists(), "a dry run writes nothing"

    done = kormo(str(plan_file))
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert f"documents added {N} Small {n['small']} b {n['big']} present before 0" in said
    assert faulty.counts()["requests"] == N
    again = " ".join(kormo(str(plan_file), "seeds.limit=10").output.split())
    assert "documents added 0 present before 10" in again
    assert faulty.counts()["requests"] == N


def test_the_command_ends_with_an_error_where_not_all_was_asked(kormo, plan_file, faulty, tmp_path):
    path = tmp_path / "endpoints.yaml"
    path.write_text(path.read_text().replace("model: s,", "model: s, budget_tokens: 1,"))
    done = kormo(str(plan_file))
    assert done.exit_code != 0 and "endpoint small: " in str(done.exception)
    lk = lake.open(tmp_path / "lake")
    assert rows(lk, "distinct synthesizer") == [("b",)], "what was answered is written"


def test_the_command_alone_lists_plans_and_prompts(kormo):
    said = kormo().output
    assert "cosmopedia_ko" in said and "textbook_topics" in said
    assert "reasoning_ko@1" in said and "translate_rewrite" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cosmopedia"], "unknown plan 'cosmopedia'; did you mean 'cosmopedia_ko'"),
        (["a", "b"], "one plan is asked for, not 2"),
        (["seeds.limit=1"], "one plan is asked for, not 0"),
        (["web_rewrite_ko"], "unknown endpoint 'qwen3_30b_a3b'"),
        (["web_rewrite_ko", "--endpoints", "gone.yaml"], "cannot read endpoints gone.yaml"),
    ],
)
def test_words_that_cannot_be(kormo, words, message):
    done = kormo(*words)
    assert done.exit_code != 0 and message in str(done.exception)


def test_a_lake_that_is_not_there(kormo, plan_file, tmp_path):
    shutil.rmtree(tmp_path / "lake")
    done = kormo(str(plan_file))
    assert isinstance(done.exception, lake.NoLake)


def test_two_models_that_answer(servers, seeds_of, plan_file):
    """Real models behind real servers: what they say is in the lake under their names."""
    endpoints = {
        name: Endpoint(name, server.url, server.model)
        for name, server in zip(("big", "small"), servers, strict=True)
    }
    lk, made = seeds_of(8), plan.read(str(plan_file), ["sampling.max_tokens=16"])
    done = synthesized(lk, made, endpoints)
    assert done.n_waiting == 0 and done.n_added + done.n_rejected + done.n_present == 8
    assert set(done.by_synthesizer) <= {server.model for server in servers}
    assert dataclasses.asdict(made)["name"] == "mine"
