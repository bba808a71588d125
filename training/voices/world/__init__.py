"""A small acoustic model over the WORLD vocoder: learns a voice on a CPU, is served with no torch."""
