"""A plan that comes back unchanged says the same to the TTS service as the text it was made of."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.choices import SPOKEN, Heard
from gateway.planning import Planner
from gateway.schemas import EditedSentence
from gateway.tagger import Tagger
from gateway.voices import Voice, Voices
from shared.problems import InvalidInput, ModelNotFound, TooLarge
from shared.text.document import EMOTIONS
from shared.text.serialise import to_ssml


class Listener(Tagger):
    """Hears anger where there is an exclamation mark."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def hear(self, texts: list[str]) -> list[Heard | None]:  # type: ignore[override]
        self.asked += texts
        return [Heard("anger", {one: 0.8 if one == "anger" else 0.03 for one in SPOKEN}, "!" in one) for one in texts]


def make_planner() -> Planner:
    voices = [
        Voice(
            id=name,
            name=name,
            language=language,
            gender="male",
            engine="fake",
            licence="MIT",
            sample_rate_hz=16000,
            emotions={one: {"model": name, "style": one, "fallback": True} for one in emotions},
        )
        for name, language, emotions in [
            ("slt", "en-us", EMOTIONS),
            ("rms", "en-gb", EMOTIONS),
            ("fr", "fr-fr", EMOTIONS),
            ("flat", "en-us", ("neutral", "sad")),
        ]
    ]
    return Planner(Voices(voices, "slt"), Listener(), 5000)


def spelled_out(ssml: str) -> str:
    """A tag without an intensity means 1."""
    return ssml.replace(' styledegree="1"', "")


PIECES = st.sampled_from(
    [
        "Good morning. ",
        "Who took my bicycle?! ",
        "[angry]Give it back![/angry] ",
        "She said [sad 0.4]no[/sad] and left. ",
        "[happy]One. Two! [pause 300ms] Three.[/happy] ",
        "A <b> & \\[c\\] \"d\" 'e'. ",
        "\n\n",
        "Mr. Smith paid $3.50 on 3/4/2024... ",
        "Ünïcödé 日本語。 😀 ",
        "\x07\t\r\n",
        "no end",
        "[calm] [/calm]",
    ]
)


@pytest.mark.anyio
class TestRoundTrip:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(PIECES, max_size=8).map(lambda pieces: "".join([*pieces, "The end."])))
    def test_unchanged_plan_is_spoken_the_same(self, text: str) -> None:
        planner = make_planner()

        async def both() -> tuple[str, str]:
            first = await planner.plan_text(text, "tagged", None, tag=True)
            sent = [EditedSentence.model_validate(one.model_dump()) for one in first.plan.sentences]
            again = await planner.plan_edited(sent, None)
            emotions = [(one.text, one.emotion, one.intensity) for one in first.plan.sentences]
            assert [(one.text, one.emotion, one.intensity) for one in again.plan.sentences] == emotions
            return to_ssml(first.document), to_ssml(again.document)

        first, again = asyncio.run(both())
        assert spelled_out(again) == spelled_out(first)

    async def test_ssml_with_voices_prosody_and_marks(self) -> None:
        ssml = (
            '<speak><p><voice name="rms">Hello there.</voice> I<mark name="a"/> <emphasis>am</emphasis> here!</p>'
            '<prosody rate="slow"><amazon:emotion name="happy" intensity="low">Fine. Go.</amazon:emotion></prosody>'
            '<break time="1s"/><say-as interpret-as="date" format="dmy">1/2/2024</say-as> it is.</speak>'
        )
        planner = make_planner()
        first = await planner.plan_text(ssml, "ssml", None, tag=True)
        again = await planner.plan_edited(
            [EditedSentence.model_validate(one.model_dump()) for one in first.plan.sentences], None
        )
        assert spelled_out(to_ssml(again.document)) == spelled_out(to_ssml(first.document))
        hello, here, fine, _, date = first.plan.sentences
        assert (hello.voice, hello.ssml) == ("rms", None)
        assert here.emotion == "angry"
        assert here.paragraph_end
        assert "<emphasis" in str(here.ssml)
        assert (fine.emotion, fine.intensity, fine.source) == ("happy", 0.5, "manual")
        assert "rate=" in str(fine.ssml)
        assert "express-as" not in str(fine.ssml)
        assert "say-as" in str(date.ssml)


@pytest.mark.anyio
class TestText:
    async def test_only_english_without_tags_is_tagged(self) -> None:
        planner = make_planner()
        text = '<speak>Mine! <lang xml:lang="fr">Non!</lang> <amazon:emotion name="sad">No!</amazon:emotion></speak>'
        planned = await planner.plan_text(text, "ssml", None, tag=True)
        assert planner.tagger.asked == ["Mine!"]
        assert [one.source for one in planned.plan.sentences] == ["auto", "default", "manual"]

    async def test_voice_of_another_language_is_neutral_by_default(self) -> None:
        planner = make_planner()
        planned = await planner.plan_text("Non! [angry]Oui![/angry]", "tagged", "fr", tag=True)
        assert planner.tagger.asked == []
        assert [(one.emotion, one.source) for one in planned.plan.sentences] == [
            ("neutral", "default"),
            ("angry", "manual"),
        ]

    async def test_emotion_that_the_voice_lacks(self) -> None:
        planner = make_planner()
        planned = await planner.plan_text("Stop!", "text", "flat", tag=True)
        assert [(one.emotion, one.source) for one in planned.plan.sentences] == [("neutral", "default")]
        assert "angry" not in to_ssml(planned.document)
        with pytest.raises(InvalidInput) as refused:
            await planner.plan_text("Fine. [angry]Stop![/angry]", "tagged", "flat", tag=True)
        assert refused.value.param == "sentences.1.emotion"

    async def test_what_stands_beside_a_tag_stays_neutral(self) -> None:
        planned = await make_planner().plan_text("[angry]No[/angry], she said!", "tagged", None, tag=True)
        [sentence] = planned.plan.sentences
        assert sentence.source == "manual"
        ssml = to_ssml(planned.document)
        assert ssml.count("express-as style") == 2
        assert 'style="neutral"' in ssml

    @pytest.mark.parametrize(
        ("text", "problem"), [("", InvalidInput), (" \n ", InvalidInput), ("\0", InvalidInput), ("x" * 5001, TooLarge)]
    )
    async def test_refusals_name_the_member(self, text: str, problem: type[InvalidInput]) -> None:
        with pytest.raises(problem) as refused:
            await make_planner().plan_text(text, "text", None, tag=True)
        assert refused.value.param == "text"

    async def test_unknown_voices(self) -> None:
        with pytest.raises(ModelNotFound):
            await make_planner().plan_text("Hello.", "text", "nobody", tag=True)
        with pytest.raises(ModelNotFound):
            await make_planner().plan_text('<speak><voice name="nobody">A.</voice></speak>', "ssml", None, tag=True)


@pytest.mark.anyio
class TestEdited:
    async def plan(self, *sentences: dict[str, object]) -> str:
        planned = await make_planner().plan_edited([EditedSentence.model_validate(one) for one in sentences], None)
        assert all(one.source == "manual" for one in planned.plan.sentences)
        return to_ssml(planned.document)

    async def test_every_member_counts(self) -> None:
        ssml = await self.plan(
            {"text": "Go <now>.", "emotion": "angry", "intensity": 0.7, "paragraph_end": True},
            {"text": "Please.", "voice": "rms"},
            {"text": "not read", "ssml": "<emphasis>Soon</emphasis>."},
        )
        assert ssml == (
            '<speak><p><s><mstts:express-as style="angry" styledegree="0.7">Go &lt;now&gt;.</mstts:express-as></s></p>'
            '<s><voice name="rms">Please.</voice></s><s><emphasis level="moderate">Soon</emphasis>.</s></speak>'
        )

    @pytest.mark.parametrize(
        ("sentence", "param"),
        [
            ({"text": ""}, "sentences.1.text"),
            ({"text": "\0"}, "sentences.1.text"),
            ({"ssml": "<b>x</b>"}, "sentences.1.ssml"),
            ({"ssml": "</speak><speak>x"}, "sentences.1.ssml"),
            ({"text": "x", "voice": "nobody"}, "sentences.1.voice"),
            ({"text": "x", "voice": "flat", "emotion": "happy"}, "sentences.1.emotion"),
        ],
    )
    async def test_refusals_name_the_sentence(self, sentence: dict[str, object], param: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            await self.plan({"text": "Fine."}, sentence)
        assert refused.value.param == param

    async def test_all_sentences_together_are_bounded(self) -> None:
        with pytest.raises(TooLarge):
            await self.plan({"text": "x" * 2501}, {"ssml": "y" * 2500})
