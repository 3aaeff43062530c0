"""Measure what a checkpoint learned.

checkpoint     a complete checkpoint, or the untrained model of its run
documents      the texts of a recorded mixture
bits_per_byte  how well a model predicts them
harness        lm-evaluation-harness over our model; tasks, the files of ours; sandbox, for code
suite          lists of tasks with the figures that others published
report         checkpoints beside them
record         its numbers by language, source and synthesizer, for the lake's `evals`

It sits above training and the data rooms; `kormo_ds.cli.eval` is its command.
"""
