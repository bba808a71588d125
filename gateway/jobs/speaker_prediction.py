"""Age and gender of a recording's speaker as a job: the service is told of the recording, its answer kept."""

import asyncio
from functools import partial

from gateway.files.files import Files
from gateway.jobs.kept import Kept
from gateway.jobs.results import Made, made_prediction
from gateway.jobs.running import Result, Running
from gateway.jobs.serialise import JobFailed
from gateway.jobs.speaker_prediction_input import SpeakerPredictionInput
from gateway.jobs.tools import Tools
from gateway.speaker.recordings import recording_key


class SpeakerPrediction:
    """Does the jobs of kind `speaker-prediction`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._files = Files(tools.objects)
        self._kept = Kept(tools.objects, tools.predictions)

    async def run(self, job: Running, order: SpeakerPredictionInput) -> list[Made]:
        """Return the one result, the prediction. Raises what a step raised in the end."""
        prediction = await job.step("predict", partial(self._predict, job, order))
        await job.step("tidy", partial(self._tidy, job))
        return [prediction]

    async def _predict(self, job: Running, order: SpeakerPredictionInput) -> Made:
        await asyncio.to_thread(self._files.find, job.caller, order.file)
        source = self._files.content_key(job.caller, order.file)
        outcome = await self._tools.notification(job).outcome(recording_key(job.id), source)
        if outcome.problem is not None:
            await asyncio.to_thread(self._kept.remove_recording, job.id)  # a job taken up again begins anew
            raise JobFailed(outcome.problem)
        return made_prediction("prediction", recording_key(job.id), len(outcome.answer))

    async def _tidy(self, job: Running) -> Result:
        """Remove the copy of the recording that only others needed."""
        await asyncio.to_thread(self._tools.objects.delete, recording_key(job.id))
        return {}
