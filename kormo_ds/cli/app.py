"""The command `kormo`: what it can do, and how it ends.

Everything a user can mend comes out as one line and exit code 2, without a traceback.
"""

import errno
import sys
from typing import NoReturn

import typer

from kormo_ds.cli import (
    chat,
    classifier,
    dashboard,
    dedup,
    demo,
    difficulty,
    diversity,
    doctor,
    endpoints,
    evals,
    export,
    ingest,
    ladder,
    lakes,
    lineage,
    mixture,
    pack,
    perplexity,
    plan,
    sft,
    sql,
    stability,
    step,
    synthesize,
    tokenizer,
    trace,
    train,
    translate,
)
from kormo_ds.cli import eval as evaluation
from kormo_ds.errors import KormoError

app = typer.Typer(
    name="kormo",
    help="From raw Korean and English text to a trained model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("ladder")(ladder.ladder)
app.command("doctor")(doctor.doctor)
app.command("ingest")(ingest.ingest)
app.add_typer(step.app, name="step")
app.command("synthesize")(synthesize.synthesize)
app.add_typer(dedup.app, name="dedup")
app.add_typer(classifier.commands("quality", "hq", "cc", "Train quality models."), name="quality")
app.add_typer(
    classifier.commands("toxicity", "toxic", "neutral", "Train toxicity models."), name="toxicity"
)
app.command("endpoints")(endpoints.endpoints)
app.add_typer(difficulty.app, name="difficulty")
app.command("diversity")(diversity.diversity)
app.command("sql")(sql.sql)
app.command("dashboard")(dashboard.dashboard)
app.add_typer(lakes.app, name="lake")
app.add_typer(evals.app, name="evals")
app.add_typer(sft.app, name="sft")
app.add_typer(mixture.app, name="mixture")
app.add_typer(tokenizer.app, name="tokenizer")
app.add_typer(perplexity.app, name="perplexity")
app.command("pack")(pack.pack)
app.command("trace")(trace.trace)
app.command("plan")(plan.plan)
app.command("translate")(translate.translate)
app.command("train")(train.train)
app.add_typer(export.app, name="export")
app.command("lineage")(lineage.lineage)
app.command("stability")(stability.stability)
app.add_typer(evaluation.app, name="eval")
app.command("generate")(evaluation.generate)
app.command("chat")(chat.chat)


def main() -> None:
    """Run one command; the entry point of `kormo`."""
    examined = sys.argv[1:2] == ["doctor"]  # which says in a line of its own if lake is not ours
    lake_error = KormoError if examined else _lake_error()
    try:
        app()
    except (KormoError, lake_error) as error:
        fail(str(error))
    except KeyboardInterrupt:
        print("kormo: stopped; the same command goes on where it was", file=sys.stderr)
        sys.exit(130)
    except (OSError, RuntimeError) as error:
        if not _is_disk_full(error):
            raise
        fail(
            "no space left on the disk; what was written before is whole: "
            "free some space and run it again"
        )


def fail(message: str) -> NoReturn:
    """Say what went wrong in one line and exit with 2."""
    print("kormo: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(2)


def _lake_error() -> type[Exception]:
    """The root of the lake's errors, or an end where another package is called `lake`, too."""
    try:
        from lake.errors import LakeError
    except ImportError:
        import lake

        fail(
            f"another package named 'lake' is imported from {lake.__file__}; "
            "uninstall it, or leave the folder that it is in"
        )
    return LakeError


def _is_disk_full(error: BaseException) -> bool:
    text = str(error)
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return (
        isinstance(error, OSError)
        and error.errno in full
        or "No space left on device" in text
        or "File too large" in text
    )
