"""A test as a picture: for each form a heat map of depth over length, from 0 to 1 in one scale.

Drawn by Vega inside this process (altair and vl-convert, of the extra `dashboard`): no browser.
"""

from collections.abc import Mapping

from kormo_ds.errors import BadInput
from kormo_ds.eval.needle.grid import FORMS, Cell
from kormo_ds.eval.needle.score import Accuracy

CELL_WIDTH, CELL_HEIGHT = 46, 30


def png(cells: Mapping[Cell, Accuracy], title: str) -> bytes:
    """The PNG of the cells of one language and checkpoint, in the order of `FORMS`.

    Raises:
        BadInput: altair or vl-convert is not installed.
    """
    try:
        import altair as alt
        import vl_convert
    except ImportError as error:
        raise BadInput(
            f"a picture needs {error.name}; install it with: pip install 'kormo-ds[dashboard]'"
        ) from error
    charts: list[alt.LayerChart] = []
    for form in FORMS:
        values = [
            {"length": cell.length, "depth": cell.depth, "accuracy": accuracy.value}
            for cell, accuracy in cells.items()
            if cell.form == form
        ]
        if values:
            charts.append(_chart(alt, form, values, first=not charts))
    whole = alt.hconcat(*charts, spacing=14).properties(title=title)
    whole = whole.configure_view(stroke=None).configure_title(anchor="start", fontSize=14)
    image: bytes = vl_convert.vegalite_to_png(whole.to_dict(), scale=2)
    return image


def _chart(alt, form: str, values: list[dict[str, float]], first: bool):  # type: ignore[no-untyped-def]
    """One form: coloured cells with their per cent in them."""
    n_lengths = len({value["length"] for value in values})
    n_depths = len({value["depth"] for value in values})
    axis = alt.Axis() if first else alt.Axis(labels=False, ticks=False)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("length:O", title="length (tokens)", axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("depth:O", title="depth (%)" if first else None, axis=axis),
    )
    scale = alt.Scale(scheme="cividis", domain=[0, 1])
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("accuracy:Q", scale=scale, legend=alt.Legend(format=".0%"))
    )
    said = base.mark_text(fontSize=11).encode(
        text=alt.Text("accuracy:Q", format=".0%"),
        color=alt.condition("datum.accuracy < 0.5", alt.value("white"), alt.value("black")),
    )
    size = {"width": CELL_WIDTH * n_lengths, "height": CELL_HEIGHT * n_depths}
    return alt.layer(cells, said).properties(title=alt.Title(form, anchor="start"), **size)
