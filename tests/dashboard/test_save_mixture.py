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
