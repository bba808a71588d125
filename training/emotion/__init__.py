"""Fine-tuning of MiniLM to read emotion and sentiment from a sentence."""
