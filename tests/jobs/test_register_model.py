"""What a training job left becomes a model in the store, once, or nothing does and nobody learns what was in it."""

import gzip
import hashlib
import io
import json
import logging
import pickle
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jobs.register_model import NotRegistered, handler
from shared.objects import open_objects
from shared.objects.s3 import connect
from shared.problems import Json
from shared.store import ModelStore
from shared.store.publish import seal
from tests.shared.objects.s3_server import new_bucket
from tests.shared.store.onnx_models import model, tensor

Files = dict[str, bytes]
FACTS: dict[str, Json] = {"task": "spoken-keyword", "engine": "onnx", "licence": "MIT"}
ONNX = model(tensor(raw=bytes(16)))


@dataclass
class Cloud:
    """A bucket that training jobs write to, and one of models."""

    client: Any
    output: str
    models: str
    cache: Path

    def left(self, archive: bytes, job: str = "timbre-1") -> dict[str, Any]:
        """Put what a job left where SageMaker puts it; return the event of its end."""
        key = f"trained/{job}/output/model.tar.gz"
        self.client.put_object(Bucket=self.output, Key=key, Body=archive)
        return event(f"s3://{self.output}/{key}", job)

    @property
    def store(self) -> ModelStore:
        return ModelStore(self.models, self.cache)

    def files(self) -> dict[str, bytes]:
        objects = open_objects(self.models)
        return {info.key: objects.get(info.key) for info in objects.list()}

    def require_nothing(self) -> None:
        bucket = self.models.removeprefix("s3://").partition("/")[0]
        assert self.client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def event(artifact: str, job: str = "timbre-1", status: str = "Completed") -> dict[str, Any]:
    """As EventBridge delivers it; `detail` is what SageMaker's DescribeTrainingJob would say."""
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": "123456789012",
        "time": "2026-10-06T12:26:13Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{job}"],
        "detail": {
            "TrainingJobName": job,
            "TrainingJobStatus": status,
            "SecondaryStatus": status,
            "HyperParameters": {"model": "keywords"},
            "ModelArtifacts": {"S3ModelArtifacts": artifact},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/trained"},
        },
    }


@pytest.fixture
def cloud(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    client = connect()
    cloud = Cloud(client, new_bucket(client), f"s3://{new_bucket(client)}/store", tmp_path / "cache")
    monkeypatch.setenv("TIMBRE_MODELS", cloud.models)
    monkeypatch.setenv("TIMBRE_TRAINING_OUTPUT", f"s3://{cloud.output}/trained")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)  # it is looked up once
    return cloud


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Files]:
    """Return the files of a model folder as the recipes leave it."""

    def made(name: str = "keywords", version: str = "2", graph: bytes = ONNX, **more: bytes) -> Files:
        folder = tmp_path / "trained" / name / version
        folder.mkdir(parents=True)
        for file, contents in {"model.onnx": graph, "MODEL_CARD.md": b"# Card\n", **more}.items():
            (folder / file).write_bytes(contents)
        seal(folder, name, version, FACTS)
        return {f"{name}/{version}/{path.name}": path.read_bytes() for path in folder.iterdir()}

    return made


def packed(files: Files, others: Sequence[tarfile.TarInfo] = ()) -> bytes:
    """Return a tar.gz as SageMaker makes it: with entries for folders."""
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode="w:gz") as archive:
        for folder in sorted({name.rpartition("/")[0] for name in files} - {""}):
            info = tarfile.TarInfo(folder)
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
        for name, contents in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(contents)
            archive.addfile(info, io.BytesIO(contents))
        for info in others:
            archive.addfile(info)
    return packing.getvalue()


def link(name: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


class TestRegistered:
    def test_a_model_is_served_from_the_store(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        done = handler(cloud.left(packed(trained())), None)
        assert done == {"job": "timbre-1", "registered": ["keywords 2"], "there already": []}
        assert cloud.store.fetch("keywords").file("model.onnx").read_bytes() == ONNX
        assert list(cloud.files()) == [
            f"keywords/2/{name}" for name in ("MODEL_CARD.md", "manifest.json", "model.onnx")
        ]

    def test_an_event_that_comes_twice(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        told = cloud.left(packed(trained()))
        handler(told, None)
        before = [(info.key, info.modified) for info in open_objects(cloud.models).list()]
        assert handler(told, None) == {"job": "timbre-1", "registered": [], "there already": ["keywords 2"]}
        assert [(info.key, info.modified) for info in open_objects(cloud.models).list()] == before

    def test_an_event_that_comes_twice_at_once(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        told = cloud.left(packed(trained(**{f"{n}.onnx": ONNX for n in "abcdef"})))
        with ThreadPoolExecutor(4) as together:
            done = list(together.map(lambda _: handler(told, None), range(4)))
        assert [each["registered"] for each in done].count(["keywords 2"]) == 1
        assert [each["there already"] for each in done].count(["keywords 2"]) == 3
        cloud.store.fetch("keywords", "2")

    def test_two_versions_of_two_jobs(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        handler(cloud.left(packed(trained(version="2"))), None)
        handler(cloud.left(packed(trained(version="10")), "timbre-2"), None)
        assert [(found.name, found.versions) for found in cloud.store.list()] == [("keywords", ("2", "10"))]

    def test_two_models_of_one_job(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        done = handler(cloud.left(packed(trained("age", "1") | trained("gender", "3"))), None)
        assert done["registered"] == ["age 1", "gender 3"]
        assert len(cloud.store.fetch_all()) == 2

    def test_a_publication_that_broke_off_is_completed(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        open_objects(cloud.models).put("keywords/2/model.onnx", ONNX)
        assert handler(cloud.left(packed(trained())), None)["registered"] == ["keywords 2"]
        cloud.store.fetch("keywords", "2")

    def test_what_is_done_is_logged(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "timbre")
        handler(cloud.left(packed(trained())), None)
        (record,) = [record for record in caplog.records if record.name.startswith("timbre")]
        assert (record.message, record.__dict__["registered"]) == ("registered", ["keywords 2"])

    def test_nothing_stays_on_the_disk(self, cloud: Cloud, trained: Callable[..., Files], tmp_path: Path) -> None:
        handler(cloud.left(packed(trained())), None)
        with pytest.raises(NotRegistered):
            handler(cloud.left(b"nothing"), None)
        assert list(tmp_path.glob("timbre-register-*")) == []


class TestIgnored:
    @pytest.mark.parametrize("status", ["InProgress", "Failed", "Stopping", "Stopped"])
    def test_jobs_that_are_not_completed(self, status: str, cloud: Cloud, trained: Callable[..., Files]) -> None:
        told = cloud.left(packed(trained()))
        told["detail"]["TrainingJobStatus"] = status
        assert handler(told, None) == {}
        cloud.require_nothing()

    def test_a_failed_job_left_nothing(self, cloud: Cloud) -> None:
        told = event("", status="Failed")
        del told["detail"]["ModelArtifacts"]
        told["detail"]["FailureReason"] = "AlgorithmError: no data"
        assert handler(told, None) == {}


class TestRefused:
    """Every time: nothing in the store, and no word of the artifact in what Lambda logs."""

    def refused(self, cloud: Cloud, told: Any, caplog: pytest.LogCaptureFixture) -> str:
        with pytest.raises(NotRegistered) as caught:
            handler(told, None)
        cloud.require_nothing()
        assert caught.value.__suppress_context__
        assert "canary" not in caplog.text + str(caught.value) + json.dumps(
            [vars(r) for r in caplog.records], default=str
        )
        return str(caught.value).rpartition("(")[2].rstrip(").")

    @pytest.mark.parametrize(
        "name", ["../canary", "keywords/2/../../../canary", "/canary", "keywords\\2\\canary", "keywords/2/a/b/c/canary",
                 "keywords/2/canary.pkl", "keywords/2/canary.h5", "keywords/2/canary.onnx", "keywords/canary",
                 "canary", "keywords/3/canary.onnx", "canary/1/model.onnx", "Canary/2/manifest.json"],
    )  # fmt: skip
    def test_files_that_no_model_has(
        self, name: str, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture, tmp_path: Path
    ) -> None:
        told = cloud.left(packed({**trained(), name: ONNX}))
        assert self.refused(cloud, told, caplog) in {"invalid-input", "model-corrupt"}
        assert list(tmp_path.rglob("*canary*")) == []

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
    def test_links_and_devices(
        self, kind: bytes, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        told = cloud.left(packed(trained(), [link("keywords/2/canary.onnx", kind)]))
        assert self.refused(cloud, told, caplog) == "invalid-input"

    @pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
    def test_a_truncated_archive(
        self, share: float, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        whole = packed(trained())
        assert self.refused(cloud, cloud.left(whole[: int(len(whole) * share)]), caplog) == "invalid-input"

    def test_a_truncated_file_in_a_whole_archive(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained()
        files["keywords/2/model.onnx"] = ONNX[:-1]
        assert self.refused(cloud, cloud.left(packed(files)), caplog) == "model-corrupt"

    def test_a_file_that_was_changed(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained()
        files["keywords/2/model.onnx"] = ONNX[:-1] + b"\1"
        assert self.refused(cloud, cloud.left(packed(files)), caplog) == "model-corrupt"

    def test_a_pickle_under_another_name(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained()
        with pytest.raises(Exception, match="pickle"):
            trained("canary", "1", **{"labels.bin": pickle.dumps(["canary"])})
        manifest = json.loads(files["keywords/2/manifest.json"])
        contents = pickle.dumps(["canary"])
        manifest["files"]["labels.bin"] = {"sha256": hashlib.sha256(contents).hexdigest(), "size_bytes": len(contents)}
        files |= {"keywords/2/labels.bin": contents, "keywords/2/manifest.json": json.dumps(manifest).encode()}
        assert self.refused(cloud, cloud.left(packed(files)), caplog) == "model-corrupt"

    @pytest.mark.parametrize(
        "manifest", [b"", b"canary", b"[]", b'{"name": "canary"}', bytes(2 << 20), None], ids=range(6)
    )
    def test_manifests_that_are_none(
        self, manifest: bytes | None, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained()
        del files["keywords/2/manifest.json"]
        if manifest is not None:
            files["keywords/2/manifest.json"] = manifest
        assert self.refused(cloud, cloud.left(packed(files)), caplog) in {"model-corrupt", "invalid-input"}

    def test_a_manifest_without_the_sums(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained()
        manifest = json.loads(files["keywords/2/manifest.json"])
        del manifest["files"]
        files["keywords/2/manifest.json"] = json.dumps(manifest).encode()
        assert self.refused(cloud, cloud.left(packed(files)), caplog) == "model-corrupt"

    def test_one_bad_model_keeps_the_good_one_out(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        files = trained("age", "1") | trained("gender", "1")
        files["gender/1/model.onnx"] = ONNX[:-1] + b"\1"
        assert self.refused(cloud, cloud.left(packed(files)), caplog) == "model-corrupt"

    def test_archives_that_are_too_large(
        self,
        cloud: Cloud,
        trained: Callable[..., Files],
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("TIMBRE_TRAINING_MOST_BYTES", "65536")
        bomb = packed({**trained(), "keywords/2/canary.bin": bytes(16 << 20)})
        assert len(bomb) < 65_536
        assert self.refused(cloud, cloud.left(bomb), caplog) == "too-large"
        assert self.refused(cloud, cloud.left(gzip.compress(bytes(70_000), 0)), caplog) == "too-large"

    def test_places_that_jobs_do_not_write_to(
        self, cloud: Cloud, trained: Callable[..., Files], caplog: pytest.LogCaptureFixture
    ) -> None:
        archive = packed(trained())
        other = new_bucket(cloud.client)
        for bucket, key in ((other, "trained/a"), (cloud.output, "trained-not/a"), (cloud.output, "a")):
            cloud.client.put_object(Bucket=bucket, Key=key, Body=archive)
            assert self.refused(cloud, event(f"s3://{bucket}/{key}"), caplog) == "invalid-input"
        own = f"s3://{cloud.output}/trained"
        for artifact in ("", "trained/a", f"s3://{cloud.output}", own, f"{own}/", f"{own}/../a", f"{own}/%2e%2e/a",
                         f"{own}/{'a' * 2000}", f"https://{cloud.output}/trained/a", "file:///etc/passwd"):  # fmt: skip
            assert self.refused(cloud, event(artifact), caplog) == "invalid-input"

    def test_an_artifact_that_is_gone(self, cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
        assert self.refused(cloud, event(f"s3://{cloud.output}/trained/a"), caplog) == "not-found"

    @pytest.mark.parametrize("told", [{}, [], None, "canary", {"source": "aws.s3"}, {"detail": {"canary": 1}}])
    def test_events_of_others(self, told: Any, cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
        assert self.refused(cloud, told, caplog) == "invalid-input"

    def test_another_model_of_the_same_version(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        handler(cloud.left(packed(trained())), None)
        before = cloud.files()
        files = trained("other", "2", model(tensor(raw=bytes(15) + b"\1")))
        moved = {name.replace("other", "keywords"): data.replace(b"other", b"keywords") for name, data in files.items()}
        with pytest.raises(NotRegistered, match="exists already"):
            handler(cloud.left(packed(moved), "timbre-2"), None)
        assert cloud.files() == before

    def test_a_version_that_was_begun_with_other_files(self, cloud: Cloud, trained: Callable[..., Files]) -> None:
        open_objects(cloud.models).put("keywords/2/model.onnx", b"another")
        with pytest.raises(NotRegistered, match="exists already"):
            handler(cloud.left(packed(trained())), None)
        assert cloud.store.list() == ()


def test_it_needs_to_know_where_jobs_write(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("", "/tmp", "file:///tmp", "s3://"):
        monkeypatch.setenv("TIMBRE_TRAINING_OUTPUT", place)
        with pytest.raises(ValidationError, match="training_output"):
            handler(event("s3://bucket/key"), None)
