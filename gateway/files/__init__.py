"""Files that callers upload, in OpenAI's shape, and keep for the jobs that read them."""
