"""Age and gender of the person who speaks in a recording."""
