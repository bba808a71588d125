"""Durable jobs: long and stored work that survives any crash, on DBOS Transact (docs/adr/0006)."""
