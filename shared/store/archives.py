"""What lies in a zip or a tar.gz of somebody's, one file after the other."""

import gzip
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from shared.store.members import Member, refuse_unless
from shared.store.rationed import Rationed

_ZIP_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Others take as much memory as the archive tells them to."""
_MOST_ZIP_END_BYTES = 22 + 0xFFFF
_TAR_END = bytes(tarfile.BLOCKSIZE)


def of_zip(stream: IO[bytes]) -> Iterator[Member]:
    """Yield the files of a zip; raises InvalidInput for links and the like, and what zipfile raises."""
    rationed = Rationed(stream)
    with rationed.sparingly():
        archive = zipfile.ZipFile(cast("IO[bytes]", rationed))
    with archive:
        _refuse_fewer_than_promised(stream, len(archive.infolist()))
        for info in archive.infolist():
            if info.compress_type not in _ZIP_PACKINGS:
                raise zipfile.BadZipFile("it is packed in an unusual way")
            if not info.is_dir():
                refuse_unless(stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG}, info.filename)
                yield Member(info.filename, info.file_size, partial(archive.open, info))


def of_tar(stream: IO[bytes]) -> Iterator[Member]:
    """Yield the files of a tar.gz, each to be read before the next; raises as `of_zip`, and what tarfile raises."""
    with gzip.GzipFile(fileobj=stream) as unpacked:
        rationed = Rationed(cast("IO[bytes]", unpacked))
        with rationed.sparingly():
            archive = tarfile.TarFile(fileobj=cast("IO[bytes]", rationed))
        with archive:
            while info := _next(archive, rationed):
                if not info.isdir():
                    refuse_unless(info.isreg() and not info.issparse(), info.name)
                    yield Member(info.name, info.size, partial(_opened, archive, info))
        with rationed.sparingly():
            rationed.drain(tarfile.RECORDSIZE)  # gzip checks its sum at the end


def _refuse_fewer_than_promised(stream: IO[bytes], entries: int) -> None:
    """Raise BadZipFile where an entry's length was changed so that it hides those behind it: zipfile does not count."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _MOST_ZIP_END_BYTES))
    end = stream.read()
    (promised,) = struct.unpack_from("<H", end, end.rindex(b"PK\5\6") + 10)
    # 65535 stands for a number that has its place elsewhere; so many files have none here.
    if promised not in {entries, 0xFFFF}:
        raise zipfile.BadZipFile("it has fewer entries than it says")


def _next(archive: tarfile.TarFile, rationed: Rationed) -> tarfile.TarInfo | None:
    with rationed.sparingly():
        info = archive.next()
    # tarfile takes a header that is cut off or malformed for the end, and so would we take a half for the whole.
    if info is None and rationed.last != _TAR_END:
        raise tarfile.ReadError("it has no end")
    return info


def _opened(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return cast("IO[bytes]", archive.extractfile(info))
