"""What a run leaves in its folder, and what can be told from it, without torch and without a lake.

    lines         files of one JSON object a line
    manifest      which checkpoints are complete
    state         where a run stands, as a checkpoint's state.json holds it
    lineage       a checkpoint and those it comes from
    batch_warmup  the rows of a step where steps grow
    reading       which rows a step read, and which steps read a row
    oscillation   does a validation series learn, oscillate, collapse
    representation
                  is a source over-represented in a step

Training writes these files; whoever shows a run reads them here.
"""
