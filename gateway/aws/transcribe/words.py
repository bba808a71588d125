"""The operations on vocabularies and on vocabulary filters, which are the same."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.aws.call import Call, Operation
from gateway.aws.faults import Fault
from gateway.aws.presigned import presigned
from gateway.aws.transcribe.listing import page_of
from gateway.aws.transcribe.word_lists import WordList
from gateway.owned import Document, Owned
from shared.problems import AlreadyExists, NotFound

_MOST_LISTS = 100


@dataclass(frozen=True, slots=True)
class Words:
    """The operations on one of the two kinds of lists."""

    kind: WordList

    async def create(self, call: Call) -> dict[str, Any]:
        """Keep a new list."""
        document = await self._read(call, call.parameters["LanguageCode"])
        await asyncio.to_thread(self._add, call, document)
        return self._about(document)

    async def update(self, call: Call) -> dict[str, Any]:
        """Keep a list in place of another of that name."""
        before = await asyncio.to_thread(self._get, call)
        document = await self._read(call, call.parameters.get("LanguageCode", before["LanguageCode"]))
        await asyncio.to_thread(self._owned(call).put, call.caller, self._name(call), document)
        return self._about(document)

    async def get(self, call: Call) -> dict[str, Any]:
        """Tell of a list, and where its words can be read."""
        document = await asyncio.to_thread(self._get, call)
        path = f"/transcribe/{self.kind.collection}/{self._name(call)}"
        return {**self._about(document), "DownloadUri": presigned(call, "transcribe", path)}

    async def list_all(self, call: Call) -> dict[str, Any]:
        """List the caller's, by name."""
        state = call.parameters.get("StateEquals")
        found = await asyncio.to_thread(self._named, call)
        wanted = [one for one in found if state in (None, one["VocabularyState"])]
        shown, token = page_of(call, wanted, lambda one: str(one[self.kind.name]))
        return {"Status": state, "NextToken": token, self.kind.listing: [self._about(one) for one in shown]}

    async def delete(self, call: Call) -> dict[str, Any]:
        """Remove a list; jobs that were started with it keep what it held."""
        await asyncio.to_thread(self._get, call)
        await asyncio.to_thread(self._owned(call).delete, call.caller, self._name(call))
        return {}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by their names."""
        noun = self.kind.name.removesuffix("Name")
        return {
            f"Create{noun}": self.create,
            f"Get{noun}": self.get,
            f"List{self.kind.listing}": self.list_all,
            f"Update{noun}": self.update,
            f"Delete{noun}": self.delete,
        }

    def _name(self, call: Call) -> str:
        return str(call.parameters[self.kind.name])

    def _owned(self, call: Call) -> Owned:
        return self.kind.owned(call.state["objects"])

    async def _read(self, call: Call, language: str) -> Document:
        return await self.kind.document(call.parameters, language, call.state["settings"])

    def _add(self, call: Call, document: Document) -> None:
        owned = self._owned(call)
        if len(owned.names(call.caller)) >= _MOST_LISTS:
            raise Fault("LimitExceededException", f"One key keeps at most {_MOST_LISTS}; delete some.")
        try:
            owned.add(call.caller, self._name(call), document)
        except AlreadyExists as error:
            raise Fault("ConflictException", f"There is a {self.kind.title} of that name already.") from error

    def _get(self, call: Call) -> Document:
        try:
            return self._owned(call).get(call.caller, self._name(call))
        except NotFound as error:
            raise Fault("NotFoundException", self.kind.unknown) from error

    def _named(self, call: Call) -> list[Document]:
        part = call.parameters.get("NameContains", "")
        names = [name for name in self._owned(call).names(call.caller) if part in name]
        return [document for _, document in self._owned(call).several(call.caller, names)]

    def _about(self, document: Document) -> dict[str, Any]:
        """Return what answers tell of a list."""
        told = (self.kind.name, "LanguageCode", "VocabularyState", "FailureReason")
        modified = datetime.fromisoformat(document["LastModifiedTime"])
        return {**{name: document[name] for name in told}, "LastModifiedTime": modified}
