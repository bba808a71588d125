"""How the catalogue lies in DynamoDB: which item is what, and which index is asked.

    id                   attributes                                  by_person                  by_split
    clip#SET/PATH        those of Clip                               person = GENDER#AGE        part = SET#SPLIT
                                                                     voice = ACCENT#SET/PATH    of = SPEAKER#PATH
    speaker#NAME         speaker, gender, age_group, split           (not in it)                part = #SPLIT, of = NAME
    import#SET/TABLE     version, clips, is_done                     (not in it)                (not in it)
    data-sets            set#NAME: where that data set lies          (not in it)                (not in it)

A question about gender, age or accent goes to by_person: "female, thirties, accent X" is one query of one key, and a
question that leaves some of it open is one query for each of at most forty keys. All others go to by_split.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from shared.dynamodb import encoded
from training.speaker.data.catalogue import Wanted, accent_key
from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS, Clip, Speaker

DATA_SETS = "data-sets"
_SET = "set#"
_EVERYWHERE = ("language", "data_set", "split")
"""What no key holds, or not the one that is asked for: DynamoDB filters by it."""

_NUMBERS = frozenset({"age_years", "duration_seconds"})

Question = dict[str, Any]
"""What DynamoDB's Query takes, but for the table."""


def import_id(source: str) -> str:
    """Return the key of the note of an import."""
    return f"import#{source}"


def location_name(data_set: str) -> str:
    """Return the attribute that tells where a data set lies."""
    return _SET + data_set


def locations_of(item: dict[str, Any]) -> dict[str, str]:
    """Return where each data set lies."""
    return {name.removeprefix(_SET): location for name, location in item.items() if name.startswith(_SET)}


def clip_item(clip: Clip) -> dict[str, Any]:
    """Return a clip as it is stored: nothing that is empty, but the keys of the indexes."""
    known = {name: value for name, value in clip._asdict().items() if value not in (None, "")}
    place = f"{clip.data_set}/{clip.path}"
    return {
        "id": f"clip#{place}",
        **known,
        "person": f"{clip.gender}#{clip.age_group}",
        "voice": f"{accent_key(clip.accent)}#{place}",
        "part": f"{clip.data_set}#{clip.split}",
        "of": f"{clip.speaker}#{clip.path}",
    }


def clip_of(item: dict[str, Any]) -> Clip:
    """Return the clip of an item."""
    return Clip._make(_number(item, name) if name in _NUMBERS else item.get(name, "") for name in Clip._fields)


def speaker_item(speaker: Speaker) -> dict[str, Any]:
    """Return a speaker as they are stored."""
    keys = {"id": f"speaker#{speaker.speaker}", "part": f"#{speaker.split}", "of": speaker.speaker}
    return keys | speaker._asdict()


def speaker_of(item: dict[str, Any]) -> Speaker:
    """Return the speaker of an item."""
    return Speaker(**{name: item[name] for name in Speaker._fields})


def speaker_questions() -> Iterator[Question]:
    """Yield what to ask for all speakers."""
    return (_question("by_split", {"part": f"#{split}"}, {}) for split in SPLITS)


def questions(wanted: Wanted, data_sets: Sequence[str]) -> Iterator[Question]:
    """Yield what to ask for the clips that are wanted, of all the data sets that there are."""
    if wanted.gender or wanted.age_group or wanted.accent:
        filters = {name: value for name in _EVERYWHERE if (value := getattr(wanted, name))}
        for gender, group in product(_those(wanted.gender, GENDERS), _those(wanted.age_group, AGE_GROUPS)):
            yield _question("by_person", {"person": f"{gender}#{group}"}, filters, accent_key(wanted.accent))
        return
    filters = {"language": wanted.language} if wanted.language else {}
    for data_set, split in product(_those(wanted.data_set, data_sets), _those(wanted.split, SPLITS)):
        yield _question("by_split", {"part": f"{data_set}#{split}"}, filters)


def _number(item: dict[str, Any], name: str) -> float | None:
    return float(item[name]) if name in item else None


def _those(one: str, all_of_them: Sequence[str]) -> Sequence[str]:
    return (one,) if one else all_of_them


def _question(index: str, key: dict[str, str], filters: dict[str, str], accent: str = "") -> Question:
    names = {**key, **filters, **({"voice": accent} if accent else {})}
    conditions = [f"#{name} = :{name}" for name in key] + (["begins_with(#voice, :voice)"] if accent else [])
    question: Question = {
        "IndexName": index,
        "KeyConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": encoded({f":{name}": value for name, value in names.items()}),
    }
    if filters:
        question["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in filters)
    return question
