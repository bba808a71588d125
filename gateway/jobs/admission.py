"""What must be true of a job, beyond its form, before it is taken."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.files.files import Files
from gateway.jobs.kinds import KINDS, Kind
from gateway.jobs.schemas import JobRequest
from gateway.locations import require_allowed
from gateway.media import require_reachable
from gateway.places import require_output
from gateway.settings import GatewaySettings
from shared.objects import ObjectStore
from shared.problems import Forbidden, InvalidInput, NotFound, NotServed, UnsupportedMedia
from shared.sniff import require_audio


@dataclass(frozen=True, slots=True)
class Admission:
    """Looks at jobs of every kind."""

    settings: GatewaySettings
    objects: ObjectStore

    async def require(self, caller: str, order: JobRequest) -> None:
        """Raise NotServed; for a file NotFound (another caller's too), UnsupportedMedia, InvalidInput; for a location
        Forbidden."""
        kind = KINDS[order.kind]
        self._require_services(kind)
        for member in kind.locations:
            await asyncio.to_thread(require_allowed, order.input[member], self.settings.allowed_locations(kind.allowed))
        for member in kind.recordings:
            if order.input[member]:
                await asyncio.to_thread(self._require_audio, caller, member, order.input[member])
        for require, members in ((require_reachable, kind.media), (require_output, kind.outputs)):
            for member in filter(order.input.get, members):
                await asyncio.to_thread(self._require, require, member, order.input[member])

    def _require_services(self, kind: Kind) -> None:
        missing = [name for name in kind.services if not getattr(self.settings, f"{name}_url")]
        if missing:
            raise NotServed(f"This Timbre runs no {missing[0]} service, which jobs of this kind need.", param="kind")
        if kind.locations and not self.settings.allowed_locations(kind.allowed):
            raise NotServed("This Timbre allows no bucket and no folder to jobs of this kind.", param="kind")

    def _require(self, require: Callable[[str, GatewaySettings], object], member: str, address: str) -> None:
        try:
            require(address, self.settings)
        except (Forbidden, InvalidInput) as problem:
            problem.param = f"input.{member}"
            raise

    def _require_audio(self, caller: str, member: str, file_id: str) -> None:
        files = Files(self.objects)
        try:
            files.find(caller, file_id)
            with self.objects.open(files.content_key(caller, file_id)) as chunks:
                require_audio(chunks)
        except (NotFound, UnsupportedMedia, InvalidInput) as problem:
            problem.param = f"input.{member}"
            raise
