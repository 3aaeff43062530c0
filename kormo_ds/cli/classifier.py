"""`kormo quality` and `kormo toxicity`: train two-class models on two queries, look at them."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.classifier import Card

Words = Annotated[
    list[str],
    typer.Argument(
        help="NAME lang=ko positives=QUERY negatives=QUERY, then settings.",
        metavar="NAME SETTING=VALUE...",
    ),
]
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]
QUERIES = ("positives", "negatives")
LEAST_SPREAD = 0.1
"""Between the scores at the percentiles 10 and 90; less is a model that has learned little."""


def commands(task: str, positive: str, negative: str, about: str) -> typer.Typer:
    """The commands of a task, whose models have these two labels."""
    app = typer.Typer(help=about, no_args_is_help=True)

    @app.command("train", help=_TRAIN.format(task=task))
    def train(words: Words, lake: Root = None) -> None:
        train_model(task, (positive, negative), words, lake)

    @app.command("list", help=f"List the {task} models of the lake.")
    def list_(lake: Root = None) -> None:
        list_models(task, lake)

    @app.command("show", help=f"Show what is known of a {task} model, as it was measured.")
    def show(
        name: Annotated[str, typer.Argument(help="Name of the model.")], lake: Root = None
    ) -> None:
        import lake as lakes
        from kormo_ds import classifier

        typer.echo(_described(classifier.card(lakes.open(lake), task, name)))

    return app


_TRAIN = """Train model NAME on two queries: lang=ko positives='select doc_id from …' negatives=…

A query is a select that returns doc_id, or a recorded mixture NAME@VERSION. The model is kept in
the lake, in {task}/NAME, with its measures on held-out documents; a name is given once. Then:
kormo step run {task} {task}.models=NAME
"""


def train_model(task: str, labels: tuple[str, str], words: list[str], lake: str | None) -> None:
    """Train and print what came out."""
    import lake as lakes
    from kormo_ds import classifier, progress
    from kormo_ds.cli.args import settings, split

    names, values = split(words)
    if len(names) != 1:
        raise BadInput(f"one NAME is needed, not {len(names)}: kormo {task} train NAME lang=ko …")
    # The queries are set beside OmegaConf, which would read YAML into them.
    queries = {name: values.pop(name, "") for name in QUERIES}
    chosen = settings(classifier.Settings, values)
    chosen.positives, chosen.negatives = (queries[name] for name in QUERIES)
    lk = lakes.open(lake)
    with progress.bar(f"{task} model {names[0]}", unit="documents") as advance:
        trained = classifier.train(lk, classifier.Task(task, *labels), names[0], chosen, advance)
    done = "is there already" if trained.was_there else "is trained"
    typer.echo(f"{task} model {trained.card.name} {done}")
    typer.echo(_described(trained.card))


def list_models(task: str, lake: str | None) -> None:
    """Print one line a model."""
    import lake as lakes
    from kormo_ds import classifier
    from kormo_ds.cli.show import table

    lk = lakes.open(lake)
    cards = [classifier.card(lk, task, name) for name in classifier.names(lk, task)]
    if not cards:
        typer.echo(f"no {task} model is there yet; train one with: kormo {task} train NAME")
        return
    rows = [
        (
            card.name,
            card.lang,
            card.counts["n_positives_train"],
            card.counts["n_negatives_train"],
            _number(card.held_out["f1"]),
            _number(card.held_out["roc_auc"]),
            _number(card.held_out["ece"]),
            card.created_at,
        )
        for card in cards
    ]
    head = ["model", "lang", "positives", "negatives", "f1", "roc_auc", "ece", "trained"]
    typer.echo(table(head, rows))


def _described(card: "Card") -> str:
    """Counts, measures and the reliability table."""
    from kormo_ds.cli.show import table

    counts, found = card.counts, card.held_out
    kinds = ["asked", "unknown", "other_language", "usable", "train", "held_out"]
    rows = [(name, *(counts[f"n_{name}_{kind}"] for kind in kinds)) for name in QUERIES]
    measures = ["precision", "recall", "f1", "average_precision", "roc_auc", "ece"]
    return "\n".join(
        [
            table(["documents", *(kind.replace("_", " ") for kind in kinds)], rows),
            f"in both classes {counts['n_both']:,}, without text {counts['n_no_text']:,}, held out "
            f"but trained on as another document {counts['n_held_out_seen']:,}",
            "",
            table(
                [f"held out, from {found['threshold']}", "value"],
                [(name, _number(found[name])) for name in measures],
            ),
            "",
            table(
                ["score from", "to", "documents", "mean score", f"share {card.positive}"],
                [
                    (
                        row["from"],
                        row["to"],
                        row["n"],
                        _number(row["mean_score"]),
                        _number(row["share_positive"]),
                    )
                    for row in found["reliability"]
                ],
            ),
            "",
            f"percentiles of {card.n_edge_documents:,} {card.lang} documents: "
            + ", ".join(f"{p}: {card.edges[p - 1]:.4f}" for p in (10, 25, 50, 75, 90, 99)),
            f"documents version {card.documents_version}, fingerprint {card.fingerprint}",
            *_advice(card),
        ]
    )


def _advice(card: "Card") -> list[str]:
    """What to do about scores that hardly tell documents apart."""
    low, high = card.edges[9], card.edges[89]
    if high - low >= LEAST_SPREAD:
        return []
    return [
        f"the middle 80 % of the scores lie between {low:.3f} and {high:.3f}: so few documents "
        f"teach little in {card.settings['epoch']} passes; raise lr (0.5) or epoch (25), under "
        "another name"
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
