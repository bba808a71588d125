"""Speech in any amount, to try the recipe with: sentences made by a grammar, spoken by a voice of the TTS service."""
