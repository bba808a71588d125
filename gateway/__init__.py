"""The gateway: API keys, the model list, and what needs more than one service."""
