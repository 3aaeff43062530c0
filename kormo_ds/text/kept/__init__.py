"""What a translation keeps as it is: code, formulas, addresses, mark-up, numbers.

Found by one pass of a regular expression over Python's text (`parts`), since what follows is a
comparison of strings, not a count of bytes; about 10 MB/s a core.
"""
