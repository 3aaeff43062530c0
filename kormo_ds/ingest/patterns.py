"""Which files of a folder and members of an archive are wanted, and what they are called.

A name is a path with slashes below the folder or archive. `root` names a folder in there: what is
outside is left out, what is inside is named from there on. Patterns are shell patterns in which
`*` also crosses slashes, so `docs/ko/*` is all that is below docs/ko.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache


class Selection:
    """The choice of names of one source. Counts what it leaves out."""

    def __init__(self, root: str = "", include: Sequence[str] = (), exclude: Sequence[str] = ()):
        """All names below `root` that match one of `include` (or any) and none of `exclude`."""
        self._prefix = root.strip("/") + "/" if root.strip("/") else ""
        self._include, self._exclude = tuple(include) or ("*",), tuple(exclude)
        self.n_left_out = 0
        """Names that were left out so far."""
        self.skipped: Counter[str] = Counter()
        """Records of WARC archives that are no answers of a server, by their type."""

    def choose(self, name: str) -> str | None:
        """The name below `root`, or None if it is not wanted."""
        below = name.removeprefix(self._prefix)
        wanted = (
            name.startswith(self._prefix)
            and any(fnmatchcase(below, pattern) for pattern in self._include)
            and not any(fnmatchcase(below, pattern) for pattern in self._exclude)
        )
        if not wanted:
            self.leave_out()
        return below if wanted else None

    def leave_out(self) -> None:
        """Count one name that is not of a kind that can be read."""
        self.n_left_out += 1

    def skip(self, kind: str) -> None:
        """Count one record of an archive that is of a type that holds no page."""
        self.skipped[kind] += 1


class ByPath:
    """A value chosen by the first pattern that a name matches."""

    def __init__(self, values: Mapping[str, str]):
        self._values = tuple(values.items())
        self.find = lru_cache(maxsize=1024)(self._find)

    def _find(self, name: str) -> str | None:
        """The value of the first pattern that matches `name`, or None."""
        return next((value for pattern, value in self._values if fnmatchcase(name, pattern)), None)
