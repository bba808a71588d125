"""The command, with an engine that hangs over all that is said, and lets no other thread of its process run."""

import ctypes
import sys
from collections.abc import Sequence

from jobs.transcribe.__main__ import main
from services.stt.engine import Segment, Wishes
from services.stt.engines.fake import Fake
from shared.audio.sound import Samples


class Hanging(Fake):
    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        if any(samples.any() for samples in utterances):
            ctypes.PyDLL(None).pause()
        return super().transcribe(utterances, wishes)  # the warm-up


if __name__ == "__mp_main__":
    sys.modules[Fake.__module__].Fake = Hanging  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(main())
