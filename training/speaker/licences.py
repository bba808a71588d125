"""What licences of recordings and models allow."""


def is_noncommercial(licence: str) -> bool:
    """Tell whether a licence's name says that it allows no commercial use, as those of Creative Commons do."""
    return "NC" in licence.upper().replace("-", " ").split()


def joined(*licences: str) -> str:
    """Return the licence of what was put together from parts under these: all of them hold."""
    return " AND ".join(dict.fromkeys(licences))
