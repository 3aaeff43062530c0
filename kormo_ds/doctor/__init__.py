"""Does everything that training stands on work on this machine, and how to mend what does not.

    finding     what a check found, and how it is mended
    checks      all checks that need no ranks, in order; a check that breaks is a finding, too
    versions    Python, packages, and that `lake` is ours
    devices     GPUs, CUDA and the driver, cores, bf16
    building    compiler, headers, ninja, DeepSpeed's compiled operators
    attention   xformers, and each attention backend run once
    machine     shared memory, open files, disk, wandb, NCCL or gloo
    cases       which ways of sharing out a step are compared, how closely, and what is wrong
    parity      starts the ranks and turns what they answer into findings
    job         ranks as processes: started, listened to, ended
    rank        one rank: sums, then every case against plain torch
    reference   the same steps in plain torch on one device, without DeepSpeed

A check gets what it looks at as arguments (a version, a folder, the name of a device), so a bad
state can be shown to it. `kormo doctor` runs them.
"""
