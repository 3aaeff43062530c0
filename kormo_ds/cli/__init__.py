"""The command `kormo`: one module a group of commands; heavy imports stay inside the functions."""
