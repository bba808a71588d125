"""Models that Coqui trained, as their folders hold them. Nothing of a folder is run as code, and nothing is fetched."""
