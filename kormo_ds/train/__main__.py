"""One rank of a job: `-m kormo_ds.train RUN a.b=c` under DeepSpeed's launcher, torchrun or srun.

`kormo train` starts DeepSpeed's. Exit code 2 and one line for what the user can mend; a traceback
for what is our mistake; 1 where another rank was lost.
"""

import faulthandler
import os
import sys
import time
from typing import NoReturn

from kormo_ds.compose import load_run
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig, KormoError
from kormo_ds.train import launchers, loop, rank_log, ranks
from kormo_ds.train.evaluation import Begin
from kormo_ds.train.watched import watched

SECONDS_FOR_THE_FIRST = 10.0
"""The rank that died first is the cause: the launcher must see it first, and ends the others."""


def main(words: list[str], evaluate: Begin | None = None) -> int:
    """Train the run that `words` name; returns the exit code.

    `evaluate` says how its tasks are asked, where it has some.
    """
    words = [word for word in words if not word.startswith("--local_rank")]
    try:
        launchers.adopt(os.environ)
        run = _logged(words)
        ranks.start()
        with ranks.together("read the run"):
            if isinstance(run, KormoError):
                raise run
        assert isinstance(run, Run)
        with watched(run):
            loop.train(run, evaluate)
            ranks.stop()
    except KormoError as error:
        if os.environ.get("RANK", "0") == "0":
            print(f"error: {error}", file=sys.stderr, flush=True)
        return 2
    except RuntimeError as error:
        if not ranks.lost(error):
            raise
        rank = os.environ["RANK"]
        print(f"rank {rank} lost its connection to another rank", file=sys.stderr, flush=True)
        time.sleep(SECONDS_FOR_THE_FIRST)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _logged(words: list[str]) -> Run | KormoError:
    """The run, this rank's output being kept in it from now on; or why not, for all to raise."""
    try:
        if not words or "=" in words[0]:
            raise BadConfig("name the run first, e.g.: -m kormo_ds.train demo train.steps=10")
        run = load_run(words[0], words[1:])
        rank_log.keep(run.path, int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))
    except KormoError as error:
        return error
    faulthandler.enable()
    return run


def leave(code: int) -> NoReturn:
    """End this process at once.

    All is written. Taking the interpreter down under the threads of gloo and Arrow has aborted a
    rank that was done ("terminate called without an active exception"), and so failed its job.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
