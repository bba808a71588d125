"""Polly's operations."""

from collections.abc import Mapping
from typing import Final

from gateway.aws.call import Download, Offered
from gateway.aws.paging import InvalidToken
from gateway.aws.polly.lexicons import delete_lexicon, get_lexicon, list_lexicons, put_lexicon
from gateway.aws.polly.speech import synthesize_speech
from gateway.aws.polly.tasks import (
    RESULTS,
    get_speech_synthesis_task,
    list_speech_synthesis_tasks,
    start_speech_synthesis_task,
)
from gateway.aws.polly.voices import describe_voices
from gateway.aws.results import result
from shared.problems import InvalidMarkup, LexiconNotFound, TooLarge, TooManyLexicons

POLLY = Offered(
    operations={
        "SynthesizeSpeech": synthesize_speech,
        "DescribeVoices": describe_voices,
        "PutLexicon": put_lexicon,
        "GetLexicon": get_lexicon,
        "ListLexicons": list_lexicons,
        "DeleteLexicon": delete_lexicon,
        "StartSpeechSynthesisTask": start_speech_synthesis_task,
        "GetSpeechSynthesisTask": get_speech_synthesis_task,
        "ListSpeechSynthesisTasks": list_speech_synthesis_tasks,
    },
    invalid="ValidationException",
    failure="ServiceFailureException",
    errors={
        InvalidMarkup: "InvalidSsmlException",
        InvalidToken: "InvalidNextTokenException",
        LexiconNotFound: "LexiconNotFoundException",
        TooLarge: "TextLengthExceededException",
        TooManyLexicons: "MaxLexiconsNumberExceededException",
    },
)

POLLY_DOWNLOADS: Final[Mapping[str, Download]] = {f"{RESULTS}/{{job_id}}/{{name}}": result}
