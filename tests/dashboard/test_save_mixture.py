import pyarrow as pa
import pytest

import lake
from kormo_ds import mixture
from kormo_ds.dashboard import save_mixture
from kormo_ds.errors import BadInput
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run

VALUES = {
    "min_quality_bin": 40,
    "max_chars": 5000,
    "steps": ["length", "lang"],
    "measure": "tokens",
}


def test_what_is_saved_has_the_values_as_defaults(tmp_path):
    path = save_mixture.save(VALUES, "ko_best", tmp_path)
    assert path == tmp_path / "sql" / "mixtures" / "ko_best.sql"
    saved = lake.Query.read(path)
    template = lake.Query.read("sql/mixtures/what_if.sql")
    defaults = {name: param.default for name, param in template.params.items()}
    assert {name: param.default for name, param in saved.params.items()} == defaults | {
        "min_quality_bin": 40,
        "max_chars": 5000,
        "steps": ["length", "lang"],
    }
    assert [p.meaning for p in saved.params.values()] == [
        p.meaning for p in template.params.values()
    ]
    assert "ko_best" in saved.description.splitlines()[0]
    assert [p.name for p in path.parent.iterdir()] == ["ko_best.sql"]


def test_what_is_saved_can_be_recorded(tmp_path):
    lk = lake.create(tmp_path / "lake")
    ids = [f"doc{i}" for i in range(40)]
    lk.append("documents", pa.table({"doc_id": ids, "text": ["ab"] * 40, "lang": ["ko"] * 40}))
    run(lk, [STEPS["clean"](), STEPS["length"]()])
    path = save_mixture.save({"min_chars": 2}, "all_of_it", tmp_path)
    done = mixture.run(lk, lake.Query.read(path), {})
    assert done.mixture.name == "all_of_it@1"
    assert 30 < done.mixture.n_documents <= 40
    mixture.verify(lk, done.mixture)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "'' cannot be a mixture's name"),
        ("../up", "'../up' cannot be a mixture's name"),
        ("Large", "use small letters, digits and _"),
        ("a" * 80, "cannot be a mixture's name"),
        ("smoke", "there is a mixture 'smoke' already; choose another name"),
        ("mine", "there is a mixture 'mine' already"),
    ],
)
def test_a_bad_name_writes_nothing(name, message, tmp_path):
    save_mixture.save({}, "mine", tmp_path)
    with pytest.raises(BadInput, match=message):
        save_mixture.save({"min_chars": 7}, name, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.sql")] == ["mine.sql"]
    assert "= 7 " not in (tmp_path / "sql/mixtures/mine.sql").read_text()


class Meanwhile(dict):
    """Values during whose reading another session saves a mixture of the same name."""

    def __init__(self, path):
        super().__init__(min_chars=7)
        self.path = path

    def items(self):
        self.path.parent.mkdir(parents=True)
        self.path.write_text("-- another's\n")
        return super().items()


def test_of_two_who_save_at_once_the_second_is_refused(tmp_path):
    path = tmp_path / "sql" / "mixtures" / "mine.sql"
    with pytest.raises(BadInput, match="there is a mixture 'mine' already; choose another name"):
        save_mixture.save(Meanwhile(path), "mine", tmp_path)
    assert path.read_text() == "-- another's\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "values",
    [
        {"steps": ["a\nselect 1"]},
        {"steps": ["x'] \n--"]},
        {"min_chars": "5\n--"},
        {"min_chars": "(select 1)"},
    ],
    ids=str,
)
def test_a_value_that_is_none_writes_nothing(values, tmp_path):
    with pytest.raises(lake.BadQuery):
        save_mixture.save(values, "mine", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_words_in_a_value_stay_words(tmp_path):
    said = ["it's", "a] -- b"]
    saved = lake.Query.read(save_mixture.save({"steps": said}, "mine", tmp_path))
    assert saved.params["steps"].default == said
