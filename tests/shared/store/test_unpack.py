"""Folders and archives of strangers: their files and nothing else, or a problem."""

import gzip
import io
import os
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from shared.problems import InvalidInput, NotFound, Problem, TooLarge
from shared.store import unpack as unpacking
from shared.store.unpack import unpack

Files = dict[str, bytes]
Pack = Callable[[Path, Files], Path]
FILES = {
    "am/final.mdl": b"model",
    "graph/phones/word_boundary.int": b"1 2",
    "README": b"for people",
    "conf/a.conf": b"",
}


def as_folder(place: Path, files: Files) -> Path:
    for name, contents in files.items():
        (place / "given" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "given" / name).write_bytes(contents)
    return place / "given"


def as_zip(place: Path, files: Files) -> Path:
    with zipfile.ZipFile(place / "given", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return place / "given"


def as_tar(place: Path, files: Files) -> Path:
    with tarfile.open(place / "given", "w:gz") as archive:
        for name, contents in files.items():
            add(archive, tarfile.TarInfo(name), contents)
    return place / "given"


def add(archive: tarfile.TarFile, info: tarfile.TarInfo, contents: bytes = b"") -> None:
    info.size = len(contents)
    archive.addfile(info, io.BytesIO(contents))


archives = pytest.mark.parametrize("pack", [as_zip, as_tar])
everything = pytest.mark.parametrize("pack", [as_folder, as_zip, as_tar])


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def found(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestTaken:
    @everything
    def test_all_files(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        assert unpack(pack(tmp_path, FILES), target) == target
        assert found(target) == FILES

    @everything
    def test_a_folder_that_holds_all(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        folder = unpack(pack(tmp_path, {f"vosk-model-0.15/{name}": data for name, data in FILES.items()}), target)
        assert found(folder) == FILES

    @everything
    def test_housekeeping_is_left_out(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        hidden = {".gitattributes": b"*", ".git/objects/pack/x.pkl": b"x", "__MACOSX/._w": b"", "sub/.DS_Store": b"x"}
        unpack(pack(tmp_path, {**hidden, **FILES}), target)
        assert found(target) == FILES

    @archives
    def test_folders_and_dots(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        unpack(pack(tmp_path, {"./am/final.mdl": b"model", "./README": b"r"}), target)
        assert found(target) == {"am/final.mdl": b"model", "README": b"r"}

    def test_folders_of_their_own(self, tmp_path: Path, target: Path) -> None:
        as_folder(tmp_path, FILES)
        with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
            archive.add(tmp_path / "given", "model")
        assert found(unpack(tmp_path / "a.tgz", target)) == FILES

    @everything
    def test_large_files_in_little_memory(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        given = pack(tmp_path, {"w.bin": bytes(16 << 20), "README": b"r"})
        tracemalloc.start()
        unpack(given, target)
        assert tracemalloc.get_traced_memory()[1] < 9 << 20
        tracemalloc.stop()
        assert (target / "w.bin").stat().st_size == 16 << 20


class TestRefused:
    @archives
    @pytest.mark.parametrize(
        "name",
        ["../canary", "am/../../canary", "/canary", "..", "am/..", "..\\canary", "C:\\canary", "C:canary",
         "\\\\host\\share", "a b.bin", "-rf", "a/b/c/d/e/f", "n" * 65, "w\n.bin", "w\x1b[2J.bin", "ｗ.bin",
         "w.bin;rm", "~root/x"],
    )  # fmt: skip
    def test_names(self, pack: Pack, name: str, tmp_path: Path, target: Path) -> None:
        (tmp_path / "canary").write_text("alive")
        with pytest.raises(InvalidInput) as caught:
            unpack(pack(tmp_path, {"README": b"r", name: b"dead"}), target)
        assert caught.value.detail.isprintable()
        assert (tmp_path / "canary").read_text() == "alive"
        assert set(found(target)) <= {"README"}

    @everything
    @pytest.mark.parametrize("name", ["w.pkl", "w.PT", "sub/w.h5", "w.keras", "w.joblib", "w.ckpt"])
    def test_kinds_that_run_code(self, pack: Pack, name: str, tmp_path: Path, target: Path) -> None:
        with pytest.raises(InvalidInput, match="runs code"):
            unpack(pack(tmp_path, {name: b"w", "README": b"r"}), target)

    @pytest.mark.parametrize(
        "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z"]
    )
    def test_what_is_no_file_in_a_tar(self, kind: bytes, tmp_path: Path, target: Path) -> None:
        info = tarfile.TarInfo("w.bin")
        info.type, info.linkname = kind, "/etc/passwd"
        with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
            archive.addfile(info)
        with pytest.raises(InvalidInput, match="link, a device"):
            unpack(tmp_path / "a.tgz", target)
        assert found(target) == {}

    def test_a_link_and_what_would_be_written_through_it(self, tmp_path: Path, target: Path) -> None:
        link = tarfile.TarInfo("am")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
            archive.addfile(link)
            add(archive, tarfile.TarInfo("am/canary"), b"dead")
        with pytest.raises(InvalidInput):
            unpack(tmp_path / "a.tgz", target)
        assert not (tmp_path / "canary").exists()

    @pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
    def test_what_is_no_file_in_a_zip(self, mode: int, tmp_path: Path, target: Path) -> None:
        info = zipfile.ZipInfo("w.bin")
        info.external_attr = (mode | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        with pytest.raises(InvalidInput, match="link, a device"):
            unpack(tmp_path / "a.zip", target)

    @pytest.mark.parametrize(
        "make", [lambda at: at.symlink_to("/etc/passwd"), lambda at: at.symlink_to("/etc"), os.mkfifo]
    )
    def test_what_is_no_file_in_a_folder(self, make: Callable[[Path], None], tmp_path: Path, target: Path) -> None:
        make(as_folder(tmp_path, FILES) / "w.bin")
        with pytest.raises(InvalidInput, match="link, a device"):
            unpack(tmp_path / "given", target)

    @archives
    def test_the_same_name_twice(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        with pytest.raises(InvalidInput, match="twice"):
            unpack(pack(tmp_path, {"w.bin": b"good", "./w.bin": b"other"}), target)

    @archives
    def test_a_file_below_a_file(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        with pytest.raises(InvalidInput, match="twice"):
            unpack(pack(tmp_path, {"w": b"good", "w/x": b"other"}), target)

    def test_nothing_there(self, tmp_path: Path, target: Path) -> None:
        with pytest.raises(NotFound):
            unpack(tmp_path / "none", target)

    @pytest.mark.parametrize(
        "contents", [b"", b"\x1f\x8b", b"PK\x03\x04", b"text", b"\x1f\x8b" + bytes(100), bytes(10_000)]
    )
    def test_what_is_no_archive(self, contents: bytes, tmp_path: Path, target: Path) -> None:
        (tmp_path / "given").write_bytes(contents)
        with pytest.raises(InvalidInput, match="no zip and no tar"):
            unpack(tmp_path / "given", target)

    @pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
    def test_zips_packed_in_unusual_ways(self, packing: int, tmp_path: Path, target: Path) -> None:
        with zipfile.ZipFile(tmp_path / "given", "w", packing) as archive:
            archive.writestr("w.bin", b"w")
        with pytest.raises(InvalidInput, match="cannot be read"):
            unpack(tmp_path / "given", target)

    def test_a_locked_zip(self, tmp_path: Path, target: Path) -> None:
        given = as_zip(tmp_path, {"w.bin": b"w"})
        data = bytearray(given.read_bytes())
        for start in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
            data[start] |= 1
        given.write_bytes(data)
        with pytest.raises(InvalidInput, match="locked"):
            unpack(given, target)


class TestBounded:
    @everything
    def test_more_than_a_model_may_have(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        given = pack(tmp_path, {"a.bin": bytes(600), "b.bin": bytes(600)})
        with pytest.raises(TooLarge):
            unpack(given, target, limit_bytes=1199)

    @everything
    def test_more_files_than_a_model_may_have(
        self, pack: Pack, tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(unpacking, "MOST_FILES", 3)
        with pytest.raises(TooLarge):
            unpack(pack(tmp_path, FILES), target)

    def test_a_zip_that_says_less_than_it_holds(self, tmp_path: Path, target: Path) -> None:
        given = as_zip(tmp_path, {"w.bin": bytes(1 << 20)})
        data, size = given.read_bytes(), struct.pack("<I", 1 << 20)
        given.write_bytes(data.replace(size, struct.pack("<I", 10)))
        with pytest.raises(Problem):
            unpack(given, target, limit_bytes=1000)
        assert sum(map(len, found(target).values())) <= 1000

    @archives
    def test_a_bomb(self, pack: Pack, tmp_path: Path, target: Path) -> None:
        given = pack(tmp_path, {"w.bin": bytes(64 << 20)})
        assert given.stat().st_size < 100_000
        with pytest.raises(TooLarge):
            unpack(given, target, limit_bytes=1 << 20)
        assert sum(map(len, found(target).values())) <= 1 << 20

    def test_a_sparse_file(self, tmp_path: Path, target: Path) -> None:
        """A terabyte that takes 512 bytes in the archive."""
        info = tarfile.TarInfo("w.bin")
        info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(1 << 40), "GNU.sparse.numblocks": "1"}
        with tarfile.open(tmp_path / "a.tgz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(info)
        with pytest.raises(InvalidInput):
            unpack(tmp_path / "a.tgz", target)

    @pytest.mark.parametrize(
        "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
    )
    def test_headers_that_would_fill_the_memory(self, kind: bytes, tmp_path: Path, target: Path) -> None:
        header = tarfile.TarInfo("header")
        header.type, header.size = kind, 64 << 20
        with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as stream:
            stream.write(header.tobuf(tarfile.GNU_FORMAT))
            for _ in range(64):
                stream.write(bytes(1 << 20))
        tracemalloc.start()
        with pytest.raises(InvalidInput):
            unpack(tmp_path / "a.tgz", target)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
        tracemalloc.stop()

    def test_a_directory_of_a_zip_that_would_fill_the_memory(self, tmp_path: Path, target: Path) -> None:
        entry = b"PK\x01\x02" + bytes(42)
        size = len(entry) * 1_000_000
        with (tmp_path / "a.zip").open("wb") as stream:
            stream.writelines(entry * 1000 for _ in range(1000))
            stream.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFE, 0xFFFE, size, 0, 0))
        tracemalloc.start()
        with pytest.raises(InvalidInput):
            unpack(tmp_path / "a.zip", target)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
        tracemalloc.stop()


class TestCutOff:
    """Half an archive is never taken for a whole one."""

    @archives
    def test_anywhere(self, pack: Pack, tmp_path: Path) -> None:
        rng = random.Random(5)
        whole = pack(tmp_path, {**FILES, "w.bin": rng.randbytes(2000)}).read_bytes()
        for length in {*range(0, len(whole), 97), *range(len(whole) - 30, len(whole))}:
            (tmp_path / "cut").write_bytes(whole[:length])
            folder = tmp_path / f"target-{length}"
            folder.mkdir()
            with pytest.raises(InvalidInput):
                unpack(tmp_path / "cut", folder)

    @pytest.mark.parametrize("end", [b"", b"garbage" * 100, bytes(100)])
    def test_a_tar_without_its_end(self, end: bytes, tmp_path: Path, target: Path) -> None:
        tar = gzip.decompress(as_tar(tmp_path, FILES).read_bytes())
        end_at = len(tar.rstrip(b"\0")) // 512 * 512 + 512
        (tmp_path / "given").write_bytes(gzip.compress(tar[:end_at] + end))
        with pytest.raises(InvalidInput):
            unpack(tmp_path / "given", target)

    @archives
    def test_bytes_that_fell_over(self, pack: Pack, tmp_path: Path) -> None:
        """A problem, or the right files: never another error, and never other contents."""
        rng = random.Random(7)
        files = {**FILES, "w.bin": rng.randbytes(500)}
        whole = pack(tmp_path, files).read_bytes()
        for number in range(300):
            data = bytearray(whole)
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            (tmp_path / "broken").write_bytes(data)
            folder = tmp_path / f"target-{number}"
            folder.mkdir()
            with suppress(Problem):
                unpack(tmp_path / "broken", folder)
                assert found(folder) == files
