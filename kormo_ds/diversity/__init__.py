"""How varied texts are: measures on equal samples of what synthesizers and styles wrote."""
