"""Training: a run's YAML and a sequences folder in, checkpoints and metrics out.

    batches       tokens per step → rows, micro-batches, accumulation
    accumulation  which micro-batch is a step's last
    ds_config     the run in DeepSpeed's words
    engine        model under ZeRO, the same initial weights at every stage and world size, AdamW
    data          the rows of (step, micro-batch, rank), without state
    schedule      the learning rate of a step
    step          loss and gradient of one step, the same however its rows are shared out
    watch         a step under guard: applied or not, a spike or not, going on or not
    guards        robust scores of loss and gradient norm
    gate          drops the gradient of a step, at every ZeRO stage
    head_losses   the loss of every token, kept as it leaves the head
    validation    bits per byte of held-out rows by language, source, synthesizer
    skip_rows     rows that are replayed without their content
    loop          steps until done
    checkpoint    complete or not there; found, verified and loaded again
    portable      weights and moments as safetensors, for any stage and number of ranks
    partition     which stretch of a parameter a rank keeps
    checksums     of every parameter, wherever its parts are
    probe         one row whose loss every checkpoint keeps
    handover      what a run takes over from another
    metrics       metrics.jsonl, the progress line, wandb
    names         what wandb calls each number
    throughput    tokens a second, MFU, waiting, memory, time left
    flops         operations of a step, from the model's shape
    peak          operations a second that a device could do
    profile       a torch trace of some steps
    ranks         what the ranks do together
    cpu_operator  the compiled part that CPU ranks sum through
    parameters    which are decayed, and how many there are
    memory        bytes of a run on a GPU and on disk, from its numbers
    port          where the ranks of a job meet

`deepspeed --module kormo_ds.train RUN a.b=c` runs it; it needs the sequences folder alone, no lake.
"""
