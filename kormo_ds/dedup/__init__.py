"""Whole-table work: documents and paragraphs that are there already."""
