"""Compiled kernels over Arrow string buffers: no Python object per word or character."""
