"""Engines that write down speech; one file each, imported only when chosen."""
