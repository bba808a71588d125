"""What several recipes need: processes, arrays on the disk, sounds, layers, graphs, and accounts of a run."""
