"""Settings that cannot be, and the prompts that follow from those that can."""

import pytest

from kormo_ds.errors import KormoError
from kormo_ds.generate.prompt import library, read
from kormo_ds.generate.translate.settings import Settings
from tests.generate.planned import prompt

GIVEN = {"to": "ko", "where": "true", "endpoint": "small"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"to": ""}, "into which language"),
        ({"where": ""}, "say which documents, once"),
        ({"select": "web_en"}, "say which documents, once"),
        ({"parameters": {"seed": 1}}, "parameters are those of a query"),
        ({"endpoint": ""}, "endpoint=NAME"),
        ({"lang": "ko"}, "lang=ko and to=ko are one language"),
        ({"piece": 10}, "piece=10 must be 200 characters or more"),
        ({"limit": -1}, "limit=-1 must be 0 or more"),
        ({"context": -1}, "context=-1 must be 0 or more"),
        ({"back": 1.5}, "back=1.5 is no share"),
    ],
)
def test_settings_that_cannot_be(given, message):
    with pytest.raises(KormoError, match=message):
        Settings(**GIVEN | given)


def test_the_prompts_of_both_ways():
    settings = Settings(**GIVEN)
    assert (settings.lang, settings.forth().name) == ("en", "translate_en_ko@1")
    assert settings.backwards().name == "translate_ko_en@1"
    other = Settings(**GIVEN | {"to": "en"})
    assert (other.lang, other.forth().name) == ("ko", "translate_ko_en@1")


@pytest.mark.parametrize("name", ["translate_en_ko", "translate_ko_en"])
def test_shipped_prompts_say_what_markers_are(name):
    made = read(library()[name])
    assert made.style == "translation"
    (alone,) = made.messages("the piece", {})
    assert "⟦K1⟧" in alone[1] and alone[1].endswith("\nthe piece") and "$" not in alone[1]
    (with_context,) = made.messages("the piece", {}, "before it")
    assert "before it\n" in with_context[1] and with_context[1].endswith("\nthe piece")


@pytest.mark.parametrize(
    ("more", "language", "settings", "message"),
    [
        ("", "ko", {}, "its origin synthetic"),
        ("origin: translated\n", "en", {}, "its language is 'en'"),
        ("origin: translated\nparameters: {tone: [가]}\n", "ko", {}, "has parameters"),
        ("origin: translated\n", "ko", {"context": 9}, "context=9 needs a prompt"),
    ],
)
def test_prompts_that_do_not_translate(tmp_path, more, language, settings, message):
    body = "번역해 주세요\n$seed" if language == "ko" else "Translate\n$seed"
    body += "\n$tone" if "tone" in more else ""
    prompt(tmp_path, "own", body, language, more=more)
    given = Settings(**GIVEN | {"prompt": "own", "prompt_folder": str(tmp_path)} | settings)
    with pytest.raises(KormoError, match=message):
        given.forth()


def test_a_prompt_that_does_not_exist():
    with pytest.raises(KormoError, match="unknown prompt 'translate_en_fr'.*prompt=ID"):
        Settings(**GIVEN | {"to": "fr", "lang": "en"}).forth()
