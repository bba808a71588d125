"""The WORLD vocoder, imported without the warning that pyworld's own import of pkg_resources causes."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyworld

__all__ = ["pyworld"]
