"""A recorded mixture becomes rows of tokens.

mixture ──tokenise──▶ Tokens ──concat │ best_fit──▶ Blocks ──Writer──▶ sequences/NAME
"""

from kormo_ds.pack.run import Packed, Settings, pack

__all__ = ["Packed", "Settings", "pack"]
