from lake.contract import README, updated


def test_the_readme_lists_the_tables_as_they_are():
    text = README.read_text(encoding="utf-8")
    assert updated(text) == text, "run: python -m lake.contract"
