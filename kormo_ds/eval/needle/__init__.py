"""Needles in a haystack: does a model find a sentence in a long text, in Korean and in English?

    held-out documents ──haystack──▶ sentences ─┐
    templates ──template──▶ needles, question ──┴─prompt──▶ Prompt ──ask──▶ answer ──score──▶ 0 … 1
    cells (form × length × depth) ──grid──┘                     └──answers──▶ a file that resumes

The four forms are those of RULER (Hsieh et al. 2024, arXiv 2404.06654): one needle; one among
others with other keys; several values of one key; several keys. A needle's depth follows Kamradt's
test: so many tokens into the haystack, then back to the end of a sentence.
"""
