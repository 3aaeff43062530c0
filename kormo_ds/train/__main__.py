"""One rank of a job: `deepspeed … --module kormo_ds.train RUN a.b=c`; `kormo train` calls the same.

Exit code 2 and one line for what the user can mend; a traceback for what is our mistake.
"""

import os
import sys
import time

from kormo_ds.compose import load_run
from kormo_ds.errors import BadConfig, KormoError
from kormo_ds.train import loop, ranks

SECONDS_FOR_THE_FIRST = 10.0
"""The rank that died first is the cause: the launcher must see it first, and ends the others."""


def main(words: list[str]) -> int:
    """Train the run that `words` name; returns the exit code."""
    words = [word for word in words if not word.startswith("--local_rank")]
    rank = int(os.environ.get("RANK", "0"))
    try:
        ranks.start()
        with ranks.together("read the run"):
            if not words or "=" in words[0]:
                raise BadConfig("name the run first, e.g.: -m kormo_ds.train demo train.steps=10")
            run = load_run(words[0], words[1:])
        loop.train(run)
        ranks.stop()
    except KormoError as error:
        if rank == 0:
            print(f"error: {error}", file=sys.stderr, flush=True)
        return 2
    except RuntimeError as error:
        if not ranks.lost(error):
            raise
        print(f"rank {rank} lost its connection to another rank", file=sys.stderr, flush=True)
        time.sleep(SECONDS_FOR_THE_FIRST)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # All is written. Taking the interpreter down under the threads of gloo and Arrow has aborted a
    # rank that was done ("terminate called without an active exception"), and so failed its job.
    os._exit(code)
