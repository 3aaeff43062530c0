"""English to Korean and back: texts cut into pieces, asked for, put together, scored."""
