"""Transcribe's operations."""

from gateway.aws.call import Offered
from gateway.aws.transcribe import jobs
from gateway.aws.transcribe.word_lists import FILTERS, VOCABULARIES
from gateway.aws.transcribe.words import Words
from shared.problems import Conflict, NotServed

TRANSCRIBE = Offered(
    operations={
        "StartTranscriptionJob": jobs.start,
        "GetTranscriptionJob": jobs.get,
        "ListTranscriptionJobs": jobs.list_all,
        "DeleteTranscriptionJob": jobs.delete,
        **Words(VOCABULARIES).operations,
        **Words(FILTERS).operations,
    },
    invalid="BadRequestException",
    failure="InternalFailureException",
    errors={Conflict: "ConflictException", NotServed: "BadRequestException"},
)
