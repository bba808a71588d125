"""What only DynamoDB has: a server that is busy, answers that get lost, and scans that nobody makes."""

import json
from collections import Counter
from collections.abc import Iterator

import aiohttp
import boto3
import pytest
from aiohttp import web

from shared.problems import Conflict, StorageRefused, Unavailable
from tests.shared.objects.misbehaving import Forward, Misbehaving, Rule, lost, misbehaving
from tests.training.speaker.data.test_catalogue import CLIPS, DONE, FIRST
from training.speaker.data import dynamodb as module
from training.speaker.data.catalogue import Catalogue, Note, Wanted
from training.speaker.data.clip import SPLITS, Speaker
from training.speaker.data.opened import open_catalogue

PEOPLE = [Speaker(f"p{number}", "male", "teens", SPLITS[number % 3]) for number in range(120)]


@pytest.fixture(scope="module")
def proxy(aws: str) -> Iterator[Misbehaving]:
    with misbehaving(aws) as proxy:
        yield proxy


@pytest.fixture
def watched(proxy: Misbehaving, dynamodb: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    """A catalogue whose requests go through the proxy."""
    proxy.set()
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", proxy.address)
    with open_catalogue(dynamodb) as catalogue:
        yield catalogue


def asked(proxy: Misbehaving) -> Counter[str]:
    return Counter(operation for operation, _ in proxy.requests)


def test_no_question_is_a_scan(watched: Catalogue, proxy: Misbehaving) -> None:
    watched.locate("cv-en", "/en")
    watched.locate("cv-de", "/de")
    watched.add(CLIPS, "all", None, FIRST)
    watched.remember(PEOPLE)
    proxy.set()
    one = list(watched.clips(Wanted(gender="female", age_group="thirties", accent="England English")))
    assert one
    assert asked(proxy) == {"GetItem": 1, "Query": 1}
    for wanted in (Wanted(), Wanted(gender="male"), Wanted(accent="us"), Wanted(language="en"), Wanted(split="test")):
        assert list(watched.clips(wanted))
    assert len(list(watched.speakers())) == len(PEOPLE)
    assert set(asked(proxy)) == {"GetItem", "Query"}


def test_pages_are_followed_one_at_a_time(watched: Catalogue, proxy: Misbehaving) -> None:
    watched.locate("a", "/a")
    folders = "/".join(["x" * 200] * 3)  # a page has a megabyte
    wide = [CLIPS[0]._replace(data_set="a", path=f"{folders}/{number:03}", speaker="s" * 250) for number in range(500)]
    watched.add(wide, "all", None, FIRST)
    proxy.set()
    clips = watched.clips(Wanted(gender=CLIPS[0].gender, age_group=CLIPS[0].age_group))
    assert next(clips) in wide
    first = asked(proxy)["Query"]
    assert len(list(clips)) == len(wide) - 1
    assert (first, asked(proxy)["Query"] > 1) == (1, True)


def test_what_a_busy_table_leaves_undone_is_asked_for_again(watched: Catalogue, proxy: Misbehaving) -> None:
    watched.locate("cv-en", "/en")
    watched.locate("cv-de", "/de")

    async def half(request: web.Request, _: Forward) -> web.StreamResponse:
        body = json.loads(await request.read())
        ((table, requests),) = body["RequestItems"].items()
        done, undone = requests[: len(requests) // 2], requests[len(requests) // 2 :]
        if done:
            async with (
                aiohttp.ClientSession() as session,
                session.post(
                    proxy.target,
                    json={"RequestItems": {table: done}},
                    headers={name: request.headers[name] for name in ("X-Amz-Target", "Authorization")},
                ) as answer,
            ):
                assert answer.status == 200
        return web.json_response({"UnprocessedItems": {table: undone}}, content_type="application/x-amz-json-1.0")

    proxy.set(Rule(half, operations=("BatchWriteItem",), times=5))
    watched.add(CLIPS, "all", None, FIRST)
    assert proxy.rules[0].times == 0
    assert sorted(watched.clips(Wanted()), key=str) == sorted(CLIPS, key=str)


def test_a_table_that_stays_busy_is_given_up(
    watched: Catalogue, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(request: web.Request, _: Forward) -> web.StreamResponse:
        body = json.loads(await request.read())
        return web.json_response({"UnprocessedItems": body["RequestItems"]}, content_type="application/x-amz-json-1.0")

    monkeypatch.setattr(module, "_WRITE_ATTEMPTS", 3)
    proxy.set(Rule(nothing, operations=("BatchWriteItem",)))
    with pytest.raises(Unavailable, match="goes on where this one stopped"):
        watched.add(CLIPS[:3], "all", None, FIRST)
    proxy.set()
    assert watched.note("all") is None


def test_a_lost_answer_does_not_make_an_import_meet_itself(watched: Catalogue, proxy: Misbehaving) -> None:
    proxy.set(Rule(lost, operations=("PutItem",), times=1))
    watched.add([], "all", None, FIRST)
    assert asked(proxy)["PutItem"] == 2
    proxy.set(Rule(lost, operations=("PutItem",), times=1))
    watched.add([], "all", FIRST, DONE)
    assert watched.note("all") == DONE
    with pytest.raises(Conflict):
        watched.add([], "all", FIRST, Note("v1", 5))


def test_items_are_for_anybody_to_read(dynamodb: str) -> None:
    with open_catalogue(dynamodb) as catalogue:
        catalogue.add([CLIPS[2]], "all", None, FIRST)
    table = boto3.resource("dynamodb").Table(dynamodb.removeprefix("dynamodb://"))
    item = table.get_item(Key={"id": f"clip#{CLIPS[2].data_set}/{CLIPS[2].path}"})["Item"]
    assert (item["gender"], item["split"], float(item["duration_seconds"])) == ("female", CLIPS[2].split, 4.716)  # type: ignore[arg-type]


def test_a_table_that_is_not_there(aws: str) -> None:
    with open_catalogue("dynamodb://nowhere") as catalogue:
        for call in (lambda: catalogue.note("a"), lambda: catalogue.add(CLIPS, "a", None, FIRST)):
            with pytest.raises(StorageRefused, match="ResourceNotFoundException"):
                call()
