"""Long work from a shell: `timbre jobs`."""
