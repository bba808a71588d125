"""Check that what lies in a folder is exactly the model that its manifest describes."""

import hashlib
import os
import stat
from pathlib import Path

from shared.objects.keys import PARTIAL_PREFIX
from shared.problems import ModelCorrupt
from shared.store.manifest import FileEntry, Manifest
from shared.store.names import MANIFEST, is_document
from shared.store.onnx_guard import refuse_external_data

_HEAD_BYTES = 256
# Their parsers run no code whatever the bytes are, and their first bytes may look like anything.
_INERT_SUFFIXES = frozenset({".onnx", ".safetensors"})
_PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_HDF5_START, _ZIP_START, _NUMPY_START = b"\x89HDF", b"PK\x03\x04", b"\x93NUMPY"


class Verifier:
    """Verifies models; remembers, in this process, the files it has hashed and that have not changed since."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[int, ...], str] = {}

    def verify(self, folder: Path, manifest: Manifest) -> None:
        """Raise ModelCorrupt unless the folder holds the files of the manifest, whole, unlinked and of safe kinds."""
        try:
            present = regular_files(folder)
            for name in present.keys() - manifest.files.keys() - {MANIFEST}:
                if not is_document(name):
                    raise ModelCorrupt(f"a file that its manifest does not name: {name[:80]!a}")
            for name, entry in manifest.files.items():
                self._verify_file(folder / name, entry)
        except OSError as error:
            raise ModelCorrupt(f"Model {manifest.name} {manifest.version} has files missing or unreadable.") from error
        except ModelCorrupt as fault:
            raise ModelCorrupt(f"Model {manifest.name} {manifest.version} did not verify: {fault.detail}") from fault

    def _verify_file(self, path: Path, entry: FileEntry) -> None:
        status = path.lstat()
        if status.st_size != entry.size_bytes:
            raise ModelCorrupt(f"{path.name} has {status.st_size} bytes, not {entry.size_bytes}")
        # The time of the last change of the inode cannot be set back by a program, unlike that of the contents.
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if self._hashes.get(state) != entry.sha256:
            found = sha256_of(path)
            if found != entry.sha256:
                raise ModelCorrupt(f"the sha256 of {path.name} is not that of its manifest")
            refuse_unsafe(path)
            self._hashes[state] = found


def regular_files(folder: Path) -> dict[str, os.stat_result]:
    """Return the files below a folder by relative name; raises ModelCorrupt for links, pipes and the like."""
    found = {}
    if folder.is_symlink() or folder.parent.is_symlink():
        raise ModelCorrupt("a link stands where a folder should")
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        # A publication that broke off leaves such names; they are never part of a model.
        if stat.S_ISDIR(status.st_mode) or path.name.startswith(PARTIAL_PREFIX):
            continue
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise ModelCorrupt(f"{path.name[:80]!a} is a link or no file; a model's files are copies of its own")
        found[path.relative_to(folder).as_posix()] = status
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def refuse_unsafe(path: Path) -> None:
    """Raise ModelCorrupt for contents that run code when opened, whatever the file is called."""
    if path.suffix.lower() == ".onnx":
        refuse_external_data(path)
    if path.suffix.lower() in _INERT_SUFFIXES:
        return
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    is_archive = head.startswith(_ZIP_START) and path.suffix.lower() != ".npz"
    is_object_array = head.startswith(_NUMPY_START) and b"|O" in head
    if head.startswith((*_PICKLE_STARTS, _HDF5_START)) or is_archive or is_object_array:
        raise ModelCorrupt(f"{path.name} is a pickle, a Keras file or an archive; such files are never opened")
