"""Lists that people write on one line."""


def listed(told: str) -> list[str]:
    """Return what stands between commas, without the spaces around it; what is empty is none."""
    return [name for part in told.split(",") if (name := part.strip())]
