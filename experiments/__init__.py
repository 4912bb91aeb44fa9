"""Experiments with markets: the `whosecar` command, result folders, figures and the benchmark."""
