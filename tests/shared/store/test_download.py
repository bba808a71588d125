"""Downloads from a real server: gone on with, bounded, and never of two states mixed."""

from pathlib import Path

import pytest

from shared.problems import InvalidInput, ModelCorrupt, NotFound, Problem, StorageFull, Unavailable
from shared.store.download import Download
from shared.store.part import Part
from tests.shared.store.web import Site

WEIGHTS = bytes(range(256)) * 4_000


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "w.bin", tmp_path / "w.state")


def fetch(site: Site, part: Part, size_bytes: int | None = len(WEIGHTS), limit_bytes: int = 1 << 30) -> bytes:
    Download(f"{site.address}w.bin", part, size_bytes, limit_bytes, pause_seconds=0.001).finish()
    return part.path.read_bytes()


@pytest.fixture(autouse=True)
def weights(site: Site) -> None:
    site.files["w.bin"] = WEIGHTS


class TestWhole:
    @pytest.mark.parametrize("size_bytes", [len(WEIGHTS), None])
    def test_in_one_go(self, site: Site, part: Part, size_bytes: int | None) -> None:
        assert fetch(site, part, size_bytes) == WEIGHTS
        assert site.ranges == [None]

    def test_what_is_there_is_not_fetched_again(self, site: Site, part: Part) -> None:
        fetch(site, part)
        fetch(site, part)
        assert len(site.requests) == 1

    def test_how_far_it_is(self, site: Site, part: Part) -> None:
        site.cuts = [300_000]
        told: list[tuple[int, int | None]] = []
        Download(f"{site.address}w.bin", part, len(WEIGHTS), 1 << 30, lambda *far: told.append(far), 0.001).finish()
        assert told == sorted(told)
        assert told[-1] == (len(WEIGHTS), len(WEIGHTS))

    def test_without_a_length(self, site: Site, part: Part) -> None:
        site.headers = {"Content-Length": ""}
        assert fetch(site, part) == WEIGHTS


class TestBroken:
    def test_goes_on_where_the_connection_broke(self, site: Site, part: Part) -> None:
        site.cuts = [100_000, 200_000, 1]
        assert fetch(site, part) == WEIGHTS
        assert site.ranges == [None, "bytes=100000-", "bytes=300000-", "bytes=300001-"]

    def test_goes_on_in_another_process(self, site: Site, part: Part) -> None:
        site.cuts_always = 0
        site.cuts = [400_000]
        with pytest.raises(Unavailable, match="call it again"):
            fetch(site, part)
        site.cuts_always, site.requests = None, []
        assert fetch(site, part) == WEIGHTS
        assert site.requests == [("w.bin", "bytes=400000-", '"first"')]

    def test_begins_anew_where_the_server_knows_no_ranges(self, site: Site, part: Part) -> None:
        site.knows_ranges, site.cuts = False, [100_000]
        assert fetch(site, part) == WEIGHTS

    def test_begins_anew_where_the_file_has_changed(self, site: Site, part: Part) -> None:
        site.cuts, site.cuts_always = [100_000], 0
        with pytest.raises(Unavailable):
            fetch(site, part)
        site.files["w.bin"], site.etag, site.cuts_always = WEIGHTS[::-1], '"second"', None
        assert fetch(site, part) == WEIGHTS[::-1]

    @pytest.mark.parametrize("etag", ["", 'W/"weak"'])
    def test_begins_anew_where_the_server_does_not_say_which_state_it_is(
        self, site: Site, part: Part, etag: str
    ) -> None:
        site.etag, site.cuts = etag, [100_000]
        assert fetch(site, part) == WEIGHTS
        assert site.ranges == [None, None]

    def test_without_an_etag_the_time_of_the_last_change_says_it(self, site: Site, part: Part) -> None:
        changed = "Sat, 21 Nov 2026 10:00:00 GMT"
        site.etag, site.headers, site.cuts = "", {"Last-Modified": changed}, [100_000]
        fetch(site, part)
        assert site.requests[1] == ("w.bin", "bytes=100000-", changed)

    def test_begins_anew_where_another_part_is_sent(self, site: Site, part: Part) -> None:
        site.cuts, site.shift = [100_000], 7
        assert fetch(site, part) == WEIGHTS
        assert site.ranges == [None, "bytes=100000-", None]

    def test_a_part_that_is_longer_than_the_file(self, site: Site, part: Part) -> None:
        part.begin('"first"')
        part.path.write_bytes(WEIGHTS + b"more")
        assert fetch(site, part) == WEIGHTS

    def test_a_part_whose_state_nobody_knows(self, site: Site, part: Part) -> None:
        part.path.write_bytes(b"somebody's")
        assert fetch(site, part) == WEIGHTS
        assert site.ranges == [None]

    def test_a_busy_server(self, site: Site, part: Part) -> None:
        site.statuses = [503, 429, 500]
        assert fetch(site, part) == WEIGHTS

    def test_an_end_before_the_end_without_a_length(self, site: Site, part: Part) -> None:
        site.headers, site.cuts = {"Content-Length": ""}, [100_000]
        assert fetch(site, part) == WEIGHTS

    def test_a_server_that_always_breaks_off_at_the_same_place(self, site: Site, part: Part) -> None:
        site.knows_ranges, site.cuts_always = False, 100_000
        with pytest.raises(Unavailable, match="breaks off"):
            fetch(site, part)
        assert len(site.requests) == 6

    def test_nobody_there(self, site: Site, part: Part) -> None:
        with pytest.raises(Unavailable):
            Download("http://127.0.0.1:1/w.bin", part, 1, 1, pause_seconds=0.001).finish()


class TestRefused:
    @pytest.mark.parametrize("size_bytes", [1, len(WEIGHTS) - 1, len(WEIGHTS) + 1])
    def test_another_size(self, site: Site, part: Part, size_bytes: int) -> None:
        with pytest.raises(ModelCorrupt, match=f"not of {size_bytes}"):
            fetch(site, part, size_bytes)
        assert not part.size_bytes

    def test_more_than_was_said(self, site: Site, part: Part) -> None:
        site.headers = {"Content-Length": ""}
        with pytest.raises(ModelCorrupt, match="more than 1000 bytes"):
            fetch(site, part, 1000)
        assert not part.size_bytes

    def test_more_than_any_model_may_have(self, site: Site, part: Part) -> None:
        with pytest.raises(ModelCorrupt):
            fetch(site, part, None, limit_bytes=1000)
        site.headers = {"Content-Length": ""}
        with pytest.raises(ModelCorrupt):
            fetch(site, part, None, limit_bytes=1000)
        assert not part.path.exists()

    def test_a_length_that_is_too_large(self, site: Site, part: Part) -> None:
        site.headers = {"Content-Length": str(1 << 60)}
        with pytest.raises(ModelCorrupt):
            fetch(site, part)
        with pytest.raises(ModelCorrupt):
            fetch(site, part, None)

    @pytest.mark.parametrize("length", ["-1", "many", "\u00b2"])
    def test_a_length_that_is_no_number(self, site: Site, part: Part, length: str) -> None:
        site.headers = {"Content-Length": length}
        assert fetch(site, part) == WEIGHTS

    def test_a_length_that_is_a_lie(self, site: Site, part: Part) -> None:
        site.headers = {"Content-Length": str(len(WEIGHTS) + 9)}
        with pytest.raises(Unavailable):
            fetch(site, part, None)

    def test_packed_bodies(self, site: Site, part: Part) -> None:
        site.headers = {"Content-Encoding": "gzip"}
        with pytest.raises(Unavailable):
            fetch(site, part)

    @pytest.mark.parametrize(
        ("status", "kind"), [(404, NotFound), (410, NotFound), (403, Unavailable), (204, Unavailable)]
    )
    def test_other_answers(self, site: Site, part: Part, status: int, kind: type[Problem]) -> None:
        site.statuses = [status]
        with pytest.raises(kind):
            fetch(site, part)
        assert len(site.requests) == 1

    def test_no_room(self, site: Site, part: Part) -> None:
        part.path.symlink_to("/dev/full")
        with pytest.raises(StorageFull):
            fetch(site, part)


class TestRedirects:
    def test_followed_with_the_range(self, site: Site, part: Part) -> None:
        site.redirects["w.bin"], site.files["elsewhere/w.bin"] = "/elsewhere/w.bin", WEIGHTS
        site.cuts = [100_000]
        assert fetch(site, part) == WEIGHTS
        assert site.requests[2:] == [
            ("w.bin", "bytes=100000-", '"first"'),
            ("elsewhere/w.bin", "bytes=100000-", '"first"'),
        ]

    def test_a_loop(self, site: Site, part: Part) -> None:
        site.redirects |= {"w.bin": "/a", "a": "/w.bin"}
        with pytest.raises(Unavailable, match="on and on"):
            fetch(site, part)
        assert len(site.requests) == 6

    @pytest.mark.parametrize(
        "target",
        ["http://example.com/w.bin", "http://10.0.0.1/w.bin", "ftp://127.0.0.1/w.bin", "file:///etc/passwd",
         "https://user:secret@example.com/", "http://[", "https://", "//example.com/w.bin"],
    )  # fmt: skip
    def test_away_from_https(self, site: Site, part: Part, target: str) -> None:
        site.redirects["w.bin"] = target
        with pytest.raises(Unavailable, match="away from https"):
            fetch(site, part)
        assert not part.path.exists()


@pytest.mark.parametrize(
    "address", ["http://example.com/w", "ftp://example.com/w", "file:///w", "w", "https://a:b@example.com/w"]
)
def test_addresses_that_are_not_asked(part: Part, address: str) -> None:
    with pytest.raises(InvalidInput):
        Download(address, part, 1, 1).finish()
