"""How a trained voice compares with the recordings that were held out."""
