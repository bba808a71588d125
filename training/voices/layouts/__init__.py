"""Data sets of other layouts, brought into the one that voices are trained on."""
