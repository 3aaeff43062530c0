"""Endpoints of tests/generate: one that fails as it is told to, and real models behind servers."""

from tests.generate.conftest import _alone, faulty, servers

__all__ = ["_alone", "faulty", "servers"]
