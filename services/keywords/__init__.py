"""Spoken commands: which of the words it knows a recording holds, and when it holds none of them."""
