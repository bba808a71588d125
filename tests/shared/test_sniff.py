"""Which files are audio, told by their first bytes."""

from collections.abc import Iterator

import pytest

from shared.problems import InvalidInput, UnsupportedMedia
from shared.sniff import find_container, require_audio
from tests.sounds import buzz, files_of

DEMUXERS = {
    "wav": "wav", "mp3": "mp3", "opus": "ogg", "aac": "aac", "flac": "flac", "ogg_vorbis": "ogg", "m4a": "mov",
    "alac": "mov", "webm": "matroska",
}  # fmt: skip
STRANGERS = {
    "text": b"Dear service, please speak this.",
    "playlist": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nhttp://127.0.0.1/secret\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "zip": b"PK\x03\x04" + bytes(200),
    "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(100),
    "image": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "sync word alone": b"\xff\xfb\x90\x00" + b"no frame follows where this one says" * 40,
    "one byte": b"R",
    "tag without audio": b"ID3\x04\0\0\0\0\0\x05hello",
    "tag that claims 256 MB": b"ID3\x04\0\0\x7f\x7f\x7f\x7fhello",
    "half a magic": b"fLa",
}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return files_of(buzz(120, 1))


def tag(size: int, flags: int = 0) -> bytes:
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0" + bytes([flags]) + sizes + b"x" * size + (b"3DI\x04\0\0" + sizes if flags & 0x10 else b"")


@pytest.mark.parametrize("name", DEMUXERS)
def test_every_kind_of_file_is_known_by_its_first_bytes(name: str, files: dict[str, bytes]) -> None:
    assert find_container(files[name]) == (DEMUXERS[name], 0)


@pytest.mark.parametrize("name", ["mp3", "aac", "flac"])
@pytest.mark.parametrize("prefix", [tag(0), tag(300), tag(20, flags=0x10), tag(5) + tag(7), tag(3) + bytes(900)])
def test_audio_begins_after_the_tags(name: str, prefix: bytes, files: dict[str, bytes]) -> None:
    assert find_container(prefix + files[name]) == (DEMUXERS[name], len(prefix))


@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedMedia):
        find_container(STRANGERS[name])


def test_no_bytes_are_invalid_input() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        find_container(b"")


class TestReading:
    def test_no_more_is_read_than_tells(self, files: dict[str, bytes]) -> None:
        read: list[int] = []

        def chunks(content: bytes) -> Iterator[bytes]:
            for start in range(0, len(content), 4096):
                read.append(start)
                yield content[start : start + 4096]

        require_audio(chunks(files["wav"] + bytes(1 << 20)))
        assert len(read) == 4
        read.clear()
        require_audio(chunks(tag(40_000) + files["mp3"] + bytes(1 << 20)))
        assert 10 < len(read) < 16

    def test_what_is_none_is_refused(self) -> None:
        with pytest.raises(UnsupportedMedia):
            require_audio([b"Dear service,", b" please listen."])
        with pytest.raises(InvalidInput):
            require_audio([])
