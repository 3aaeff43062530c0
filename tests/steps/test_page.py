"""docs/steps.md says what the steps are."""

import re
from pathlib import Path

import numpy as np

from kormo_ds.steps import STEPS, describe
from kormo_ds.text import word_break

PAGE = (Path(__file__).parents[2] / "docs" / "steps.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_steps():
    _, _, rest = PAGE.partition("<!-- from kormo_ds.steps.describe -->\n")
    generated, _, _ = rest.partition("\n<!-- end -->")
    assert generated == describe.markdown()


def test_every_step_has_its_section():
    assert re.findall(r"^### (\w+)$", PAGE, re.MULTILINE) == list(STEPS)


def test_every_reason_is_explained():
    for step in STEPS.values():
        for column in step.columns:
            if column.name.endswith("_reason"):
                for reason in re.findall(r"\w+_\w+", column.meaning):
                    assert f"| `{reason}` |" in PAGE


def test_the_unicode_version_is_that_of_the_table():
    with np.load(word_break.TABLE) as table:
        assert f"(Unicode {table['unicode']})" in PAGE
