"""Spans: parts of a text by byte offsets, which steps write and packing takes out or masks.

All are of `text_clean` in UTF-8, `[start, end)`, ascending, apart from each other, and begin and
end between characters.
"""

import pyarrow as pa

SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())]))
"""The type of spans that are taken out."""
