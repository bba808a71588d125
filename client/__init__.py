"""Timbre from a shell: `./timbre --help`. It knows what the calls take and give, and nothing of how they are served."""
