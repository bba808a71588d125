"""Engines that score texts; one file each, imported only when chosen."""
