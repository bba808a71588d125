"""Lexicons, which every call for speech may name."""

import asyncio
from typing import Final

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.paging import page
from gateway.aws.polly.languages import base_of, code_of
from gateway.aws.polly.voices import known_voices
from gateway.aws.writing import Members
from shared.lexicons import KeptLexicon, parse_pls
from shared.problems import InvalidLexicon, LexiconFault

_PAGE: Final = 50
_FAULTS: Final[dict[LexiconFault, str]] = {
    "form": "InvalidLexiconException",
    "alphabet": "UnsupportedPlsAlphabetException",
    "language": "UnsupportedPlsLanguageException",
    "size": "LexiconSizeExceededException",
    "pronunciation": "MaxLexemeLengthExceededException",
}


async def put_lexicon(call: Call) -> Members:
    """Keep a lexicon, in place of what had its name."""
    content = call.parameters["Content"]
    try:
        language = parse_pls(content).language
    except InvalidLexicon as problem:
        raise Fault(_FAULTS[problem.fault], problem.detail) from problem
    if base_of(language) not in {base_of(voice.language) for voice in (await known_voices(call)).all}:
        raise Fault(_FAULTS["language"], "No voice here speaks the lexicon's language.")
    await asyncio.to_thread(call.state["lexicons"].put, call.caller, call.parameters["Name"], content)
    return {}


async def get_lexicon(call: Call) -> Members:
    """Tell what a lexicon holds."""
    found = await asyncio.to_thread(call.state["lexicons"].find, call.caller, call.parameters["Name"])
    return {
        "Lexicon": {"Content": found.content, "Name": found.name},
        "LexiconAttributes": _attributes(call, found),
    }


async def list_lexicons(call: Call) -> Members:
    """List the caller's lexicons, by name."""
    found = await asyncio.to_thread(call.state["lexicons"].page, call.caller)
    shown, token = page(found, lambda one: one.name, call.parameters.get("NextToken"), _PAGE)
    lexicons = [{"Name": one.name, "Attributes": _attributes(call, one)} for one in shown]
    return {"Lexicons": lexicons, "NextToken": token}


async def delete_lexicon(call: Call) -> Members:
    """Remove a lexicon."""
    await asyncio.to_thread(call.state["lexicons"].delete, call.caller, call.parameters["Name"])
    return {}


def _attributes(call: Call, kept: KeptLexicon) -> Members:
    return {
        "Alphabet": kept.lexicon.alphabet,
        "LanguageCode": code_of(kept.lexicon.language),
        "LastModified": kept.modified,
        "LexiconArn": call.arn("polly", f"lexicon/{kept.name}"),
        "LexemesCount": kept.lexicon.lexemes,
        "Size": kept.size_bytes,
    }
