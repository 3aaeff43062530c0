"""The border between data and training: fixed-length token rows in one Lance table.

    pack ──writes──▶ sequences/NAME/rows.lance ──Order──▶ row numbers ──take──▶ input_ids

Everything that training needs is in the folder; it asks neither the lake nor DuckDB.
"""

from kormo_ds.sequences.order import Order
from kormo_ds.sequences.read import Rows, Sequences, open

__all__ = ["Order", "Rows", "Sequences", "open"]
