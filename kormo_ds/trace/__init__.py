"""From tokens to documents and back, over rows, steps, runs and checkpoints.

    documents     what the lake knew of the documents of some rows
    step          a step's rows and documents, and who is over-represented in it
    trained       where a document was trained on

Needs the lake, the sequences and what runs left in their folders; neither torch nor DeepSpeed.
"""
