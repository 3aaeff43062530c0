"""Our adapter and the harness's HF backend on the exported model: the same scores and words.

Both are fp32 on the CPU, so what is left between them is the order of the same sums.
"""

import pytest
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from kormo_ds.eval.harness import measure
from kormo_ds.export import llama

PAIRS = [
    ("등대는 밤에 빛을 낸다. 질문: 등대는 밤에 어두운가? 답변: ", "아니오"),
    ("등대는 밤에 빛을 낸다. 질문: 등대는 밤에 어두운가? 답변: ", "예"),
    ("Question: What do bees make?\nAnswer:", " honey"),
    ("", "no context at all"),
    ("<|BOS|>spelt out", " after it"),
    ("a long context " * 80, "and its end"),
    ("short", " and a long continuation" * 90),
]
TEXTS = ["바다는 아침마다 다른 빛깔이다.", "The harbour wakes. " * 60, "a", "<|BOS|> spelt"]


def requests(kind, arguments):
    return [Instance(kind, {}, given, i) for i, given in enumerate(arguments)]


@pytest.fixture
def both(run_folder, tmp_path, model):
    llama.export(run_folder, tmp_path / "out", "fp32")
    theirs = HFLM(str(tmp_path / "out"), device="cpu", batch_size=3, dtype="float32")
    return model(run_folder), theirs


@pytest.mark.parametrize("batch_tokens", [1, 64, 8192])
def test_likelihoods_with_their_truncation_and_bos(both, run_folder, model, batch_tokens):
    asked = [pair for pair in PAIRS if len(pair[1]) < 1000]
    wanted = both[1].loglikelihood(requests("loglikelihood", asked))
    ours = model(run_folder, batch_tokens=batch_tokens)
    found = ours.loglikelihood(requests("loglikelihood", asked))
    assert [value for value, _ in found] == pytest.approx([v for v, _ in wanted], abs=1e-3)
    assert [said for _, said in found] == [said for _, said in wanted]


def test_what_greedy_decoding_says_is_greedy(both):
    ours, theirs = both
    context = "등대는 밤에"
    [said] = ours.generate_until(
        requests("generate_until", [(context, {"until": [], "max_gen_toks": 1})])
    )
    pair = [(context, said)]
    wanted = theirs.loglikelihood(requests("loglikelihood", pair))
    assert ours.loglikelihood(requests("loglikelihood", pair)) == [
        (pytest.approx(wanted[0][0], abs=1e-3), wanted[0][1])
    ]


def test_rolling_likelihoods_of_texts_longer_than_the_window(both):
    ours, theirs = both
    given = [(text,) for text in TEXTS]
    wanted = theirs.loglikelihood_rolling(requests("loglikelihood_rolling", given))
    found = ours.loglikelihood_rolling(requests("loglikelihood_rolling", given))
    assert found == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("batch_tokens", [1, 8192])
def test_continuations_with_stops(both, run_folder, model, batch_tokens):
    ours, theirs = model(run_folder, batch_tokens=batch_tokens), both[1]
    plain = {"until": [], "max_gen_toks": 24, "do_sample": False}
    contexts = ["바다는 아침마다", "Question: Mina has 3 pens", "x", "a long context " * 80]
    wanted = theirs.generate_until(requests("generate_until", [(c, plain) for c in contexts]))
    found = ours.generate_until(requests("generate_until", [(c, plain) for c in contexts]))
    assert found == wanted and all(found)
    stops = [said[5:7] for said in wanted]
    given = [(c, plain | {"until": [stop]}) for c, stop in zip(contexts, stops, strict=True)]
    cut = ours.generate_until(requests("generate_until", given))
    assert cut == theirs.generate_until(requests("generate_until", given))
    assert cut == [
        said.split(stop)[0] if stop else said for said, stop in zip(wanted, stops, strict=True)
    ]
    assert cut != wanted


def test_scores_on_tasks_are_equal(both, loading):
    """Two Korean choices and a generation; a rolling task is below."""
    names = ("kobest_boolq", "kobest_hellaswag", "gsm8k")
    scores = []
    for model in both:
        loaded = loading(*names)
        for task in loaded.found["gsm8k"]["tasks"].values():
            task.set_config(key="generation_kwargs", value={"max_gen_toks": 16}, update=True)
        scores.append(measure.numbers(model, loaded, num_fewshot=1))
    ours, theirs = scores
    assert [(n.protocol, n.metric, n.n) for n in ours] == [
        (n.protocol, n.metric, n.n) for n in theirs
    ]
    assert [n.value for n in ours] == pytest.approx([n.value for n in theirs], abs=1e-3)


def test_bits_per_byte_of_a_rolling_task_are_equal(both, tmp_path):
    from lm_eval.tasks import TaskManager

    (tmp_path / "texts.jsonl").write_text("".join(f'{{"text": "{t}"}}\n' for t in TEXTS))
    (tmp_path / "rolling.yaml").write_text(
        "task: rolling\ndataset_path: json\ntest_split: test\noutput_type: loglikelihood_rolling\n"
        "doc_to_text: ''\ndoc_to_target: text\nmetric_list: [{metric: bits_per_byte}]\n"
        f"dataset_kwargs: {{data_files: {{test: {tmp_path}/texts.jsonl}}}}\n"
    )
    manager = TaskManager(include_defaults=False, include_path=str(tmp_path))
    from kormo_ds.eval.harness.tasks import loaded

    scores = [measure.numbers(model, loaded(["rolling"], manager, "")) for model in both]
    (ours,), (theirs,) = scores
    assert ours.metric == "bits_per_byte" and ours.n == len(TEXTS)
    assert ours.value == pytest.approx(theirs.value, rel=1e-3)
