"""The work: documents in, columns on them, mixtures out of them, sequences, and a trained model."""
