"""`make run`: the whole of Timbre as processes of one machine, without docker."""
