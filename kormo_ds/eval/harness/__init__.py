"""lm-evaluation-harness over our own model, beside training or on a checkpoint.

workers      who does the forward passes: this process, or all ranks of a job
requests     what is asked, put into streams without padding
scoring      log-likelihoods of a plan, the same number of passes on every rank
generation   continuations of many prompts at once, from a cache of keys and values
adapter      the harness's `LM` over these three
journal      what was scored already, for an evaluation that was killed
tasks        names to tasks: the harness's own, and ours over local files
measure      one evaluation: tasks in, numbers with their errors out
number       one of them, as the lake keeps it
protocol     how it was asked, in the name that the lake's `evals` knows it by
in_run       the evaluation that a training run makes of itself

Needs the extra `eval` (lm-eval); nothing else in kormo_ds imports it.
"""
