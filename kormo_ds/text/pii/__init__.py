"""Personal data in texts: e-mail, IP addresses, phone, resident, business and card numbers.

    text ──candidates──▶ a few windows that could hold some ──addresses, numbers──▶ spans

A compiled scan finds the windows; patterns and check digits then look at those alone, since almost
all of a text has neither an '@' nor a long number. Offsets are bytes of the text.
"""

from kormo_ds.text.pii.find import of
from kormo_ds.text.pii.found import KINDS

__all__ = ["KINDS", "of"]
