"""How actors change their voice from emotion to emotion: the sizes that the TTS service's styles are made of."""
