"""VITS, as Coqui has it: a network that sounds like the recordings, and that wants a GPU to learn them."""
