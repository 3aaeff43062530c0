"""The lake in a browser: every `sql/stats` file with a page in its header is a panel.

panel        what a query's header says of page, title, charts and controls
"""
