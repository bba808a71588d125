"""Emotion and sentiment of text, sentence by sentence."""
