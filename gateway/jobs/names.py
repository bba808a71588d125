"""Names that the gateway and the workers share."""

QUEUE = "jobs"
BATCHES, SHARES = "batches", "shares"
"""Queues of jobs over whole buckets, and of their shares: for workers that can do them. Each has its own, as a job that
waits for its shares keeps no other from its turn."""
TRANSCRIPTIONS = "transcriptions"
"""Queue of single recordings to be written down, which may take long, so that no other job waits for them."""
TRAININGS = "trainings"
"""Queue of trainings of voices: for workers that have the packages."""
CHORES = "chores"
CLEAR, FORGET, NOTIFY, SWEEP = "clear", "forget", "notify", "sweep"
"""Chores for one job: stop it and remove what it stored, remove it altogether, tell its webhook that it has ended,
remove what was stored for it too late."""
SHARE = "share"
"""What one of several workers does of a job; its id is that of the job, with this and a number."""
FORGET_FILES = "forget-files"
"""Chore for one caller: remove all files, and what else was kept under names, until a moment."""
NAMED_JOBS = "named-jobs"
"""What callers keep under names of their own (gateway/owned.py) that goes with jobs: so it expires with them."""
SETTLED_SECONDS = 3.0
"""After this time a step that was broken off has really ended."""
LATE_SECONDS = 900.0
"""What cannot be broken off, such as a thread that writes or a worker cut off from the others, has ended after this."""
APPLICATION_VERSION = "1"
"""Workers do the jobs of their own version only: raise it when the steps of a kind change."""
CANCELLED = "cancelled"
"""Attribute of a job whose caller wants it no more: whoever takes it over must know."""
TAKEN_OVER = "taken_over"
"""Attribute of a job: how many workers died while they did it."""
MOST_LIVES = 20
"""So many workers, or lives of one worker, a job may outlast; after that it is held to be what kills them."""
