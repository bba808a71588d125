"""Ratios against the bare engine or the direct path, measured in one run: `make bench`."""
