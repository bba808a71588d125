"""From words to the numbers that a trained voice reads: the same in training and in serving."""

from services.tts.front_end.phonemes import Phonemizer, sounds_of_all
from services.tts.front_end.sequence import FrontEnd, IdSequence, id_sequences
from services.tts.front_end.words import spoken_words, tokens_of

__all__ = ["FrontEnd", "IdSequence", "Phonemizer", "id_sequences", "sounds_of_all", "spoken_words", "tokens_of"]
