"""An empty lake."""

import pytest

import lake


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")
