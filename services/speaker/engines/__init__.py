"""Engines that judge recordings; one file each, imported only when chosen."""
