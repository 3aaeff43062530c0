"""One rank of a run that is asked tasks as it goes on: `-m kormo_ds.cli.rank RUN a.b=c`.

As `kormo_ds.train`, with lm-evaluation-harness handed over to it; `kormo train` starts this one
where a run has `evaluation.tasks`.
"""

import sys

from kormo_ds.eval.harness import in_run
from kormo_ds.train.__main__ import leave, main

if __name__ == "__main__":
    leave(main(sys.argv[1:], in_run.begin))
