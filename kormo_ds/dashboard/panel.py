"""A panel is a file of `sql/stats` whose header says where and how it is shown.

    -- page lake 3                                     the page, and the place on it
    -- title Documents by language | 언어별 문서        in English and Korean
    -- chart bar x=n_documents y=lang color=lang       kind, and columns by channel
    -- control min_bin slider 0 99 1                   lowest, highest, and the distance of values
    -- control lang choice languages                   one of what `Context.choices` knows so
    -- control steps several steps                     any number of them

Without `chart` it is a table. A parameter without `control` gets a field of its type. Adding a
panel is adding a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kormo_ds import queries
from kormo_ds.errors import BadInput
from lake import Query

PAGES = ("lake", "funnel", "what_if", "mixtures", "documents", "runs")
"""Pages that have panels, in their order."""
FIRST = 100
"""Panels of lower places are on the page at once, and in reports; the others below 'more'."""
CHARTS: dict[str, set[str]] = {
    "bar": {"x", "y", "color", "row", "sort", "stack", "rule"},
    "line": {"x", "y", "color", "row", "dash", "mark", "scale"},
    "point": {"x", "y", "color", "row", "size", "scale"},
    "heatmap": {"x", "y", "color", "row", "sort"},
    "figures": set(),
    "totals": set(),
    "table": set(),
}
"""Kinds of charts and the channels of each: what one may write before '='."""
FIELDS = ("number", "text", "switch")
"""Controls that take no more words than their name."""


@dataclass(frozen=True)
class Control:
    """How a parameter is asked for."""

    param: str
    kind: str
    """'slider', 'choice', 'several', 'number', 'text' or 'switch'."""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: str = ""
    """Of choice and several: the name of what is chosen among."""


@dataclass(frozen=True)
class Chart:
    """How the answer is drawn."""

    kind: str
    channels: tuple[tuple[str, str], ...] = ()

    def get(self, channel: str) -> str | None:
        """The column of a channel, None where none is named."""
        return dict(self.channels).get(channel)


@dataclass(frozen=True)
class Panel:
    """A query and how it is shown."""

    query: Query
    page: str
    place: float
    titles: tuple[str, str]
    """English and Korean."""
    charts: tuple[Chart, ...]
    controls: tuple[Control, ...]

    @property
    def name(self) -> str:
        """The query's name."""
        return self.query.name


def panels() -> list[Panel]:
    """All panels, in the order of pages and places.

    Raises:
        BadInput: a header that cannot be read; it names the file.
    """
    found = [
        read(query)
        for name, query in queries.everything().items()
        if name.startswith("stats/") and any(word == "page" for word, _ in query.facts)
    ]
    return sorted(found, key=lambda panel: (PAGES.index(panel.page), panel.place, panel.name))


def of_page(page: str) -> list[Panel]:
    """The panels of one page, in their order."""
    return [panel for panel in panels() if panel.page == page]


def first(found: list[Panel]) -> list[Panel]:
    """Those of a page's panels that are not folded away."""
    return [panel for panel in found if panel.place < FIRST]


def read(query: Query) -> Panel:
    """The panel that a query's header describes.

    Raises:
        BadInput: a line of it cannot be read; the message shows the form.
    """
    try:
        page, place = _page(_one(query, "page"))
        titles = _one(query, "title").split(" | ")
        if len(titles) != 2:
            raise BadInput("write: -- title English | 한국어")
        charts = tuple(chart(said) for word, said in query.facts if word == "chart")
        told = [_control(said) for word, said in query.facts if word == "control"]
        for control in told:
            if control.param not in query.params:
                raise BadInput(f"control of '{control.param}', which is not a parameter")
    except BadInput as error:
        raise BadInput(f"stats/{query.name}: {error}") from error
    by_name = {control.param: control for control in told}
    controls = tuple(
        by_name.get(name, Control(name, _field(param.type))) for name, param in query.params.items()
    )
    english, korean = titles
    return Panel(query, page, place, (english, korean), charts or (Chart("table"),), controls)


def _one(query: Query, word: str) -> str:
    said = [text for one, text in query.facts if one == word]
    if len(said) != 1:
        raise BadInput(f"a panel has one line '-- {word} …', not {len(said)}")
    return said[0]


def _page(said: str) -> tuple[str, float]:
    name, _, place = said.partition(" ")
    if name not in PAGES:
        raise BadInput(f"page '{name}'; pages: {', '.join(PAGES)}")
    try:
        return name, float(place)
    except ValueError:
        raise BadInput(f"'-- page {said}'; write a page and a number: -- page lake 3") from None


def chart(said: str) -> Chart:
    """The chart that a line of a header describes.

    Raises:
        BadInput: an unknown kind or channel.
    """
    kind, *words = said.split()
    if kind not in CHARTS:
        raise BadInput(f"chart '{kind}'; charts: {', '.join(CHARTS)}")
    channels = []
    for word in words:
        channel, equals, column = word.partition("=")
        if not equals or not column or channel not in CHARTS[kind]:
            known = _listed(sorted(CHARTS[kind]))
            raise BadInput(f"'{word}' of chart {kind}; write CHANNEL=COLUMN, channels: {known}")
        channels.append((channel, column))
    if CHARTS[kind] and not {"x", "y"} <= {channel for channel, _ in channels}:
        raise BadInput(f"chart {kind} needs x=COLUMN and y=COLUMN")
    return Chart(kind, tuple(channels))


def _control(said: str) -> Control:
    param, *words = said.split()
    match words:
        case ["slider", low, high, *step] if len(step) <= 1:
            try:
                lowest, highest, apart = (float(word) for word in (low, high, *(step or ["1"])))
            except ValueError:
                raise BadInput(f"'-- control {said}'; a slider's bounds are numbers") from None
            if lowest < highest and apart > 0:
                return Control(param, "slider", lowest, highest, apart)
        case ["choice", name]:
            return Control(param, "choice", choices=name)
        case ["several", name]:
            return Control(param, "several", choices=name)
        case [kind] if kind in FIELDS:
            return Control(param, kind)
    raise BadInput(
        f"'-- control {said}'; write NAME slider LOW HIGH STEP, NAME choice LIST, NAME several "
        f"LIST, or NAME and one of {_listed(FIELDS)}"
    )


def _field(type_: str) -> str:
    """The field of a parameter's type."""
    if type_ == "BOOLEAN":
        return "switch"
    is_number = any(word in type_ for word in ("INT", "DOUBLE", "FLOAT", "DECIMAL"))
    return "number" if is_number and "[" not in type_ else "text"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
