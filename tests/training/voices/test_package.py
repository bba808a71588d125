"""A network becomes a voice in the store: whole or not at all, once, with whose it is and how good."""

from pathlib import Path

import pytest

from shared.problems import AlreadyExists, InvalidInput, ModelCorrupt, NotFound
from shared.store import ModelStore
from shared.store.publish import put_model
from tests.training.voices.made_network import write_evaluation, write_network
from tests.training.voices.test_terms import STATEMENT
from training.voices.package import assembled, registered
from training.voices.terms import Terms, consent_of

TERMS = Terms(name="alice", consent=consent_of("Alice [x](y)", STATEMENT, "2026-01-31"), gender="female", licence="MIT")


class Recipe:
    """The last step of the recipe, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, 0
        self.store = ModelStore(str(folder / "models"), folder / "cache")

    def register(self, emotions: tuple[str, ...] = ("neutral",), fill: int = 0, version: str | None = None) -> str:
        network = write_network(self.folder / "network", emotions, fill)
        evaluation = write_evaluation(self.folder / "evaluation", network, emotions[-1] if len(emotions) > 1 else None)
        self.made += 1
        voice = self.folder / f"voice-{self.made}"
        voice.mkdir()
        facts = assembled(network, evaluation, TERMS, voice)
        return registered(self.store, voice, "alice", facts, version).version


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return Recipe(tmp_path)


class TestVersion:
    def test_holds_all_that_is_known(self, recipe: Recipe) -> None:
        recipe.register(("neutral", "angry"))
        model = recipe.store.fetch("alice")
        told = model.manifest
        assert (told.task, told.engine, told.licence, told.sample_rate_hz) == (
            "speech-synthesis",
            "world",
            "MIT",
            16_000,
        )
        assert told.consent
        assert (told.consent.basis, told.consent.given_on) == (STATEMENT, "2026-01-31")
        assert [(each.voice, each.emotion, each.speaker) for each in told.voices] == [
            ("alice", None, 0),
            ("alice", "angry", 1),
        ]
        assert told.parameters["gender"] == "female"
        assert told.metrics["word_error_rate"] == 0.25
        assert set(told.files) == {"model.onnx", "samples/1-neutral.ogg"}
        assert (model.path / "f0.png").read_bytes() == b"picture"

    def test_has_a_card_in_which_what_users_wrote_stays_text(self, recipe: Recipe) -> None:
        recipe.register(("neutral", "angry"))
        card = (recipe.store.fetch("alice").path / "MODEL_CARD.md").read_text()
        assert f'Alice \\[x](y). **Their consent**, given on 2026-01-31: "{STATEMENT}"' in " ".join(card.split("\n"))
        assert "| words that PocketSphinx mishears | 0.250 | 0.200 |" in card
        assert "| | voice | +2.0 | +1.0 | +3.0 | 0.90 | +0.5 | 4 of 5 |" in card
        assert "In 1 of them it says nothing" in card
        assert "![F0 of both" in card
        assert "](samples/1-neutral.ogg)" in card

    def test_of_one_way_of_speaking_asks_for_no_speaker(self, recipe: Recipe) -> None:
        recipe.register()
        (way,) = recipe.store.manifest("alice").voices
        assert (way.emotion, way.speaker) == (None, None)

    def test_without_neutral_speech_usually_speaks_in_its_first_emotion(self, recipe: Recipe) -> None:
        recipe.register(("sad", "angry"))
        ways = recipe.store.manifest("alice").voices
        assert [(each.emotion, each.speaker) for each in ways] == [(None, 0), ("sad", 0), ("angry", 1)]


class TestRegistration:
    def test_takes_the_next_number_and_uses_it(self, recipe: Recipe) -> None:
        assert [recipe.register(fill=fill) for fill in (1, 2)] == ["1", "2"]
        assert recipe.store.version_in_use("alice") == "2"
        assert recipe.register(fill=3, version="best") == "best"
        assert recipe.store.version_in_use("alice") == "best"

    def test_made_again_brings_nothing_in_twice(self, recipe: Recipe) -> None:
        assert [recipe.register() for _ in range(3)] == ["1", "1", "1"]
        assert recipe.register(version="1") == "1"

    def test_goes_on_where_the_same_broke_off(self, recipe: Recipe, tmp_path: Path) -> None:
        begun = tmp_path / "models" / "alice" / "1"
        begun.mkdir(parents=True)
        (begun / "model.onnx").write_bytes((write_network(tmp_path / "same") / "model.onnx").read_bytes())
        assert recipe.register() == "1"

    def test_leaves_alone_what_another_began(self, recipe: Recipe, tmp_path: Path) -> None:
        begun = tmp_path / "models" / "alice" / "1"
        begun.mkdir(parents=True)
        (begun / "model.onnx").write_bytes(b"of another")
        assert recipe.register() == "2"
        assert [model.versions for model in recipe.store.list()] == [("2",)]

    def test_of_a_version_that_is_another_is_refused(self, recipe: Recipe) -> None:
        recipe.register()
        with pytest.raises(AlreadyExists, match="version 1"):
            recipe.register(fill=1, version="1")

    def test_never_takes_the_name_of_what_is_no_voice(self, recipe: Recipe, tmp_path: Path) -> None:
        put_model(
            recipe.store._objects,
            write_network(tmp_path / "other"),
            "alice",
            "1",
            {"task": "speaker-age", "engine": "onnx", "licence": "MIT"},
        )
        with pytest.raises(AlreadyExists, match="no voice"):
            recipe.register()

    def test_of_the_figures_of_another_network_is_refused(self, recipe: Recipe, tmp_path: Path) -> None:
        network, other = (write_network(tmp_path / name, fill=fill) for fill, name in enumerate(("network", "other")))
        (tmp_path / "voice").mkdir()
        with pytest.raises(InvalidInput, match="another network"):
            assembled(network, write_evaluation(tmp_path / "evaluation", other), TERMS, tmp_path / "voice")


class TestExport:
    @pytest.mark.parametrize(
        ("name", "content", "problem", "words"),
        [
            ("facts.json", None, NotFound, "was not exported"),
            ("facts.json", b"{}", InvalidInput, "facts.json is wrong"),
            ("model.onnx", None, NotFound, "was not exported"),
            ("model.onnx", b"cut off", ModelCorrupt, "malformed"),
        ],
    )
    def test_that_is_missing_or_damaged(
        self, tmp_path: Path, name: str, content: bytes | None, problem: type[Exception], words: str
    ) -> None:
        network = write_network(tmp_path / "network")
        evaluation = write_evaluation(tmp_path / "evaluation", network)
        (network / name).unlink()
        if content is not None:
            (network / name).write_bytes(content)
        (tmp_path / "voice").mkdir()
        with pytest.raises(problem, match=words):
            assembled(network, evaluation, TERMS, tmp_path / "voice")
