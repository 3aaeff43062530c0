"""Two-class fastText models of documents: trained on two queries, kept in the lake, applied fast.

What `quality` and `toxicity` share. `train` makes a model from documents that two queries name,
`store` keeps and finds it, `linear` scores texts with it.
"""

from kormo_ds.classifier.settings import Settings, Task
from kormo_ds.classifier.store import Card, Scorer, card, names, scorer
from kormo_ds.classifier.train import Trained, train

__all__ = ["Card", "Scorer", "Settings", "Task", "Trained", "card", "names", "scorer", "train"]
