"""Conversations of the lake as material for fine-tuning: variants that think and that do not.

from kormo_ds.conversations import Settings, make
made = make(lk, Settings(where="source = 'chat'"))
"""

from kormo_ds.conversations.run import Made as Made
from kormo_ds.conversations.run import make as make
from kormo_ds.conversations.settings import Settings as Settings

__all__ = ["Made", "Settings", "make"]
