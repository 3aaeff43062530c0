"""How a conversation is written for a model, and which of its tokens are learnt.

    turns ──render──▶ segments ──Encoder──▶ tokens, and which of them are scored
      └──── template.jinja, the same for other programs ────▶ text

template.jinja  the form, as text: what is exported
segments        the form, as (text or token, scored, role): what is packed
rules           which segments a rule of the loss scores
plain           a text that can spell no token of the form
reasoning       the plain form of mid-training: thoughts between tags, no turns
encode          segments to tokens
"""

from kormo_ds.chat.encode import Encoded as Encoded
from kormo_ds.chat.encode import Encoder as Encoder
from kormo_ds.chat.rules import RULES as RULES
from kormo_ds.chat.segments import TEMPLATE as TEMPLATE
from kormo_ds.chat.segments import Segment as Segment
from kormo_ds.chat.segments import render as render
from kormo_ds.chat.tools import of_meta as of_meta

__all__ = ["RULES", "TEMPLATE", "Encoded", "Encoder", "Segment", "of_meta", "render"]
