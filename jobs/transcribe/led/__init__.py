"""The batch as a process that another leads: see __main__.py, which no process that is started there runs again."""
