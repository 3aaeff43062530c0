"""A recorded mixture becomes rows of tokens.

mixture ──form, tokenise──▶ Tokens ──concat │ best_fit──▶ Blocks ──Writer──▶ sequences/NAME
"""

from kormo_ds.pack.run import Packed, pack
from kormo_ds.pack.settings import Settings

__all__ = ["Packed", "Settings", "pack"]
