"""Translations that are translated back: which, how they are compared, and that it is done once."""

import pytest

from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.translate import run, score
from kormo_ds.generate.translate.settings import Settings
from kormo_ds.generate.translate.work import How
from tests.generate.translate.given import CODE, documents, key, made, says, translate, turn


def back(lk, faulty, share=1.0, synthesizer="Other"):
    """What a command with back=SHARE does after it has translated."""
    settings = Settings(to="ko", where="true", endpoint="small", back=share)
    how = How(settings.forth(), "Model", settings)
    home = score.backwards(how, synthesizer)
    endpoint = Endpoint("small", faulty.url, "m", attempts=1)
    drawn = score.sample(lk, how, home)
    ask(lk, {"small": endpoint}, run.work(drawn.documents, home, "small"), "translate")
    return score.finish(lk, drawn, how, home, endpoint)


def rows(lk):
    found = lk.dataset("translation_scores").to_table().to_pylist()
    return sorted(found, key=lambda row: row["chrf"])


def test_scores(lk, faulty):
    documents(lk, sea=f"The sea is blue.\n\n{CODE}", hill="The hill is green.", tree="A tree.")
    answers = {"The sea": "바다는 파랗다.\n\n⟦K1⟧", "The hill": "언덕은 푸르다.", "A tree": "나무."}
    answers |= {"바다는": "The sea is blue.\n\n⟦K1⟧", "언덕은": "Entirely other words", "나무": " "}
    says(faulty, answers)
    translate(lk, faulty)
    parents = made(lk, "doc_id")
    scores, n_failed = back(lk, faulty)
    low, high = rows(lk)
    assert (sorted(scores), n_failed) == ([low["chrf"], 100.0], 1)
    assert high == {
        "doc_id": parents[key("sea")][0],
        "parent_id": key("sea"),
        "lang": "ko",
        "synthesizer": "Model",
        "prompt_id": "translate_en_ko@1",
        "back_synthesizer": "Other",
        "back_prompt_id": "translate_ko_en@1",
        "chrf": 100.0,
        "n_chars": high["n_chars"],
    }
    assert low["parent_id"] == key("hill") and 0 < low["chrf"] < 30
    asked = faulty.counts()["requests"]
    assert back(lk, faulty) == ([], 1), "what has a score is not scored again"
    assert faulty.counts()["requests"] == asked, "nor asked"
    assert len(back(lk, faulty, synthesizer="Third")[0]) == 2, "another model's way back is another"
    assert len(rows(lk)) == 4


def test_code_is_no_praise(lk, faulty):
    long = CODE.replace("print(1)", "print(1)\n" * 50)
    documents(lk, p=f"The sea.\n\n{long}")
    says(faulty, {"The sea": "바다.\n\n⟦K1⟧", "바다": "zzz\n\n⟦K1⟧"})
    translate(lk, faulty)
    assert back(lk, faulty) == ([0.0], 0)


def test_of_conversations_what_was_said_is_compared(lk, faulty):
    talk = [turn("user", "The sea?"), turn("assistant", "It is blue.", "A thought.")]
    documents(lk, p={"text": "", "messages": talk})
    there = {"The sea?": "바다는?", "It is blue.": "파랗다.", "A thought": "생각."}
    says(faulty, there | {"바다는": "The sea?", "파랗다": "It is blue."})
    translate(lk, faulty)
    asked = faulty.counts()["requests"]
    assert back(lk, faulty) == ([100.0], 0)
    assert faulty.counts()["requests"] - asked == 2, "reasoning is not translated back"


def test_a_larger_share_holds_the_smaller_one(lk, faulty):
    documents(lk, **{f"d{i}": f"Text {i}." for i in range(60)})
    faulty.faults({"fault": "say", "text": "글이다."})
    translate(lk, faulty)
    seen = []
    for share in (0.1, 0.3, 1.0):
        settings = Settings(to="ko", where="true", endpoint="small", back=share)
        how = How(settings.forth(), "Model", settings)
        drawn = score.sample(lk, how, score.backwards(how, "m"))
        seen.append({document.doc_id for document in drawn.documents})
    assert seen[0] < seen[1] < seen[2] and len(seen[2]) == 60
    assert 1 <= len(seen[0]) <= 14 and 8 <= len(seen[1]) <= 28


@pytest.mark.parametrize("lost", ["e", "ea is "])
def test_a_worse_way_back_scores_less(lost):
    text = "The sea is blue and the hills are green, and nobody has ever asked them why."
    once = score.chrf(text.replace(lost, "", 1), text)
    assert score.chrf(text, text) == 100.0 > once > score.chrf(text[:20], text)
