"""Text to be spoken or tagged: sentences, markup, and the document they become."""
