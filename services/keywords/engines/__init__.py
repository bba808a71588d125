"""Engines that hear words; one file each, imported only when chosen."""
