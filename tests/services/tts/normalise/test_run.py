"""English normalisation: a table of written text and the words to speak, and properties of all tokens."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tts.normalise import Token, normalise
from shared.problems import Problem
from shared.text.document import Run, SayAs
from shared.text.ssml import parse_ssml
from shared.text.ssml_elements import INTERPRETATIONS
from shared.text.tags import parse_plain


def plain(text: str) -> Run:
    offsets, total = [0], 0
    for character in text:
        total += len(character.encode(errors="surrogatepass"))
        offsets.append(total)
    return Run(text, tuple(offsets))


def spoken(text: str, language: str = "en") -> str:
    return " ".join(word for token in normalise(plain(text), language) for word in token.spoken)


TABLE = [
    # cardinals
    ("0", "zero"),
    ("7 cats", "seven cats"),
    ("112", "one hundred and twelve"),
    ("1,234,567", "one million two hundred and thirty four thousand five hundred and sixty seven"),
    ("1500000 people", "one million five hundred thousand people"),
    ("-5", "minus five"),
    ("−5.5", "minus five point five"),
    ("+3", "plus three"),
    ("3.14", "three point one four"),
    ("3.10", "three point one zero"),
    (".5", "point five"),
    ("0.05", "zero point zero five"),
    ("1,234.56", "one thousand two hundred and thirty four point five six"),
    ("007", "zero zero seven"),
    ("1234567890123456", "one two three four five six seven eight nine zero one two three four five six"),
    ("(12)", "twelve"),
    ("٣", "three"),
    # ordinals
    ("1st", "first"),
    ("the 22nd time", "the twenty second time"),
    ("103rd", "one hundred and third"),
    ("1,000th", "one thousandth"),
    # years
    ("in 1984", "in nineteen eighty four"),
    ("2024", "twenty twenty four"),
    ("1905", "nineteen oh five"),
    ("2000", "two thousand"),
    ("1500 km", "one thousand five hundred kilometres"),
    ("1990s", "nineteen nineties"),
    ("the 90s", "the nineties"),
    ("1920's", "nineteen twenties"),
    ("1914-1918", "nineteen fourteen to nineteen eighteen"),
    # dates
    ("1/2/2024", "January second twenty twenty four"),
    ("13/2/2024", "February thirteenth twenty twenty four"),
    ("2024-05-03", "May third twenty twenty four"),
    ("03.05.2024", "May third twenty twenty four"),
    ("12/25/99", "December twenty fifth ninety nine"),
    ("May 3rd, 2024", "May third twenty twenty four"),
    ("May 3", "May third"),
    ("on 3 May", "on the third of May"),
    ("the 3rd May", "the third of May"),
    ("the 3rd of May", "the third of May"),
    ("Jan. 5", "January fifth"),
    ("99/99/2024", "ninety nine ninety nine two thousand and twenty four"),
    # times
    ("3:45 pm", "three forty five P M"),
    ("3:45pm", "three forty five P M"),
    ("15:30", "fifteen thirty"),
    ("3:05", "three oh five"),
    ("3:00", "three o'clock"),
    ("3:00 p.m.", "three P M"),
    ("at 7am.", "at seven A M"),
    ("3 p.m. today", "three P M today"),
    ("12:30:45", "twelve thirty and forty five seconds"),
    ("15:00", "fifteen hundred"),
    ("I am here", "I am here"),
    ("16:90", "sixteen to ninety"),
    # money
    ("$3.50", "three dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$0.99", "ninety nine cents"),
    ("$1.01", "one dollar and one cent"),
    ("€20", "twenty euros"),
    ("20€", "twenty euros"),
    ("€20,50", "twenty euros and fifty cents"),
    ("£1m", "one million pounds"),
    ("£0.01", "one penny"),
    ("$3.5bn", "three point five billion dollars"),
    ("$3 million", "three million dollars"),
    ("$1,234.50", "one thousand two hundred and thirty four dollars and fifty cents"),
    ("-$5", "minus five dollars"),
    ("US$5", "five U S dollars"),
    ("¥100", "one hundred yen"),
    ("50¢", "fifty cents"),
    ("$5.", "five dollars"),
    # percent, units
    ("50%", "fifty percent"),
    ("3.5%", "three point five percent"),
    ("5 km", "five kilometres"),
    ("1 km", "one kilometre"),
    ("10kg", "ten kilograms"),
    ("20°C", "twenty degrees Celsius"),
    ("-4 °F", "minus four degrees Fahrenheit"),
    ("3 Mbps", "three megabits per second"),
    ("100 km/h", "one hundred kilometres per hour"),
    ("60mph", "sixty miles per hour"),
    ("16GB", "sixteen gigabytes"),
    ("2.4GHz", "two point four gigahertz"),
    ("250 ml", "two hundred and fifty millilitres"),
    ("6ft", "six feet"),
    ("5 in the room", "five in the room"),
    ("10K", "ten thousand"),
    ("~5", "five"),
    ("45 m²", "forty five square metres"),
    # fractions, ranges, versions
    ("1/2", "one half"),
    ("3/4", "three quarters"),
    ("2/3 cup", "two thirds cup"),
    ("½", "one half"),
    ("1½ cups", "one and a half cups"),
    ("10-20", "ten to twenty"),
    ("5–10kg", "five to ten kilograms"),
    ("1.2.3", "one point two point three"),
    ("v2.0", "version two point zero"),
    ("10.0.0.1", "ten point zero point zero point one"),
    # Roman numerals
    ("Henry VIII", "Henry the eighth"),
    ("Louis XIV was", "Louis the fourteenth was"),
    ("World War II", "World War two"),
    ("Chapter IV", "Chapter four"),
    ("I saw X", "I saw X"),
    ("Elizabeth I went home", "Elizabeth I went home"),
    # telephone
    ("555-123-4567", "five five five one two three four five six seven"),
    ("(555) 123-4567", "five five five one two three four five six seven"),
    ("+44 20 7946 0958", "plus four four two zero seven nine four six zero nine five eight"),
    ("+15551234567", "plus one five five five one two three four five six seven"),
    # initialisms
    ("NASA said", "NASA said"),
    ("the FBI", "the F B I"),
    ("NATO", "NATO"),
    ("the U.S. Army", "the U S Army"),
    ("in the U.S.", "in the U S"),
    ("HTML", "H T M L"),
    ("CDs", "C D's"),
    ("do NOT go", "do NOT go"),
    ("LEAVE IT ALONE", "LEAVE IT ALONE"),
    ("PhD", "P h D"),
    ("B2B", "B two B"),
    ("COVID-19", "COVID nineteen"),
    ("MP3", "M P three"),
    ("A4", "A four"),
    ("HMM", "HMM"),
    # abbreviations
    ("Mr. Smith", "Mister Smith"),
    ("Mrs Jones", "Missus Jones"),
    ("Dr. Who", "Doctor Who"),
    ("12 Elm Dr.", "twelve Elm Drive"),
    ("Main St.", "Main Street"),
    ("Main St. is long", "Main Street is long"),
    ("St. John", "Saint John"),
    ("No. 5", "number five"),
    ("no. Then", "no Then"),
    ("cats vs. dogs", "cats versus dogs"),
    ("e.g. this", "for example this"),
    ("i.e., that", "that is that"),
    ("and so on, etc.", "and so on et cetera"),
    ("approx. 5", "approximately five"),
    ("p. 12", "page twelve"),
    # web and symbols
    ("https://www.example.com/a-b", "example dot com slash a dash b"),
    ("example.com", "example dot com"),
    ("bob.smith@mail.com", "bob dot smith at mail dot com"),
    ("#BlackFriday", "hashtag Black Friday"),
    ("#5", "number five"),
    ("@bob_2", "at bob two"),
    ("you & me", "you and me"),
    ("R&D", "R and D"),
    ("and/or", "and or"),
    ("2 + 2 = 4", "two plus two equals four"),
    ("C++", "C plus plus"),
    ("C#", "C sharp"),
    ("50 @ $2", "fifty at two dollars"),
    # nothing to say, and plain words
    ("😀", ""),
    ("good😀 👍🏽", "good"),
    ("...", ""),
    ("— yes", "yes"),
    ("don't well-known naïve", "don't well-known naïve"),
    ('"Hi," (she) said!', "Hi she said"),
    ("e\u0301te", "e\u0301te"),
    ("snake_case", "snake case"),
]


@pytest.mark.parametrize(("written", "words"), TABLE, ids=[written for written, _ in TABLE])
def test_english(written: str, words: str) -> None:
    assert spoken(written) == words


def test_the_day_comes_first_in_britain() -> None:
    assert spoken("1/2/2024", "en-GB") == "February first twenty twenty four"


def test_other_languages_pass_through() -> None:
    assert spoken("Ich habe 3,50 € am 1.2.2024!", "de-DE") == "Ich habe 3,50 € am 1.2.2024"


SAY_AS = [
    ("abc", "characters", None, "A B C"),
    ("a-1", "spell-out", None, "A dash one"),
    ("12", "cardinal", None, "twelve"),
    ("1984", "number", None, "one thousand nine hundred and eighty four"),
    ("3", "ordinal", None, "third"),
    ("3rd", "ordinal", None, "third"),
    ("1984", "digits", None, "one nine eight four"),
    ("3/20", "fraction", None, "three twentieths"),
    ("1+1/2", "fraction", None, "one and a half"),
    ("10 km", "unit", None, "ten kilometres"),
    ("1/2/2024", "date", "mdy", "January second twenty twenty four"),
    ("1/2/2024", "date", "dmy", "February first twenty twenty four"),
    ("20240503", "date", "yyyymmdd", "May third twenty twenty four"),
    ("2024-05-03", "date", None, "May third twenty twenty four"),
    ("5/2024", "date", "my", "May twenty twenty four"),
    ("5/3", "date", "md", "May third"),
    ("2:30", "time", "hms12", "two thirty"),
    ("2:30 pm", "time", None, "two thirty P M"),
    ("1'21\"", "time", None, "one minute twenty one seconds"),
    ("(555) 123", "telephone", None, "five five five one two three"),
    ("350 Main St.", "address", None, "three five zero Main St."),
    ("damn", "expletive", None, "bleep"),
    ("$2.50", "currency", None, "two dollars and fifty cents"),
    ("2 EUR", "currency", None, "two euros"),
    ("2.50 USD", "currency", None, "two dollars and fifty cents"),
    ("tomorrow", "date", "mdy", "tomorrow"),
    ("many", "cardinal", None, "many"),
]


@pytest.mark.parametrize(("written", "kind", "form", "words"), SAY_AS)
def test_say_as(written: str, kind: str, form: str | None, words: str) -> None:
    run = Run(written, tuple(range(len(written) + 1)), say_as=SayAs(kind, form))
    assert " ".join(word for token in normalise(run, "en-US") for word in token.spoken) == words


def test_tokens_keep_punctuation_and_byte_offsets() -> None:
    assert normalise(plain(' "Hé, Mr. X" paid $5.'), "en") == [
        Token("Hé", 2, 5, ("Hé",), '"', ","),
        Token("Mr.", 7, 10, ("Mister",)),
        Token("X", 11, 12, ("X",), "", '"'),
        Token("paid", 14, 18, ("paid",)),
        Token("$5", 19, 21, ("five", "dollars"), "", "."),
    ]


def test_offsets_are_those_of_the_markup() -> None:
    ssml = "<speak>Hé &amp; <emphasis>3</emphasis> <sub alias='World Wide'>W W.</sub></speak>"
    raw = ssml.encode()
    tokens = [token for run in parse_ssml(ssml).sentences[0].parts for token in normalise(run, "en")]
    assert [raw[token.start : token.end].decode() for token in tokens] == ["Hé", "&amp;", "3", "W W"]
    assert [token.spoken for token in tokens] == [("Hé",), ("and",), ("three",), ("World", "Wide")]


def test_sounds_come_with_words_for_engines_that_cannot_speak_them() -> None:
    run = Run(" 2 ", (0, 1, 2, 3), ipa="tuː")
    assert normalise(run, "en") == [Token("2", 1, 2, ("two",))]


PIECES = ["$3.50 ", "1/2/24", "5km", "U.S. ", "Mr.", "😀", "12:30", "-", "(555) 123-4567 ", "@", "#a", "½", "II ", "٣"]


@settings(max_examples=250, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(max_size=6), st.from_regex(r"[0-9.,:/%$A-Za-z-]{1,8} ?")),
        max_size=12,
    ),
    st.sampled_from(["en", "en-GB", "de"]),
)
def test_any_text_has_tokens_that_give_it_back(pieces: list[str], language: str) -> None:
    text = "".join(pieces)
    try:
        document = parse_plain(text)
    except Problem:
        return
    raw = text.encode()
    for sentence in document.sentences:
        run = sentence.parts[0]
        assert isinstance(run, Run)
        tokens = normalise(run, language)
        assert [token.leading + token.text + token.trailing for token in tokens] == run.text.split()
        for token in tokens:
            assert run.offsets[0] <= token.start <= token.end <= run.offsets[-1]
            raw[token.start : token.end].decode()
            assert all(word and word == word.strip() for word in token.spoken)


@settings(max_examples=200, deadline=None)
@given(
    st.text(min_size=1, max_size=12) | st.text("0123456789.,:/%$'\" -", min_size=1, max_size=12),
    st.sampled_from(sorted(INTERPRETATIONS)),
    st.sampled_from([None, "dmy", "my", "yyyymmdd", "d"]),
)
def test_say_as_survives_any_text(text: str, kind: str, form: str | None) -> None:
    run = plain(text)
    normalise(Run(run.text, run.offsets, say_as=SayAs(kind, form if kind == "date" else None)), "en")


def test_a_hundred_thousand_digits_are_read_one_by_one() -> None:
    (token,) = normalise(plain("7" * 100_000), "en")
    assert len(token.spoken) == 100_000


HOSTILE = [
    "7",
    "1,",
    "1.",
    "$",
    "a.",
    "A",
    "-",
    "#a",
    "@",
    "5-",
    "1/",
    "1:",
    "😀",
    "I",
    "a@",
    "_",
    "a-",
    "+1_",
    "555_",
    "5_km_",
    "$1_",
    "II_",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear(unit: str) -> None:
    unit = unit.replace("_", " ") if len(unit) > 1 else unit
    assert seconds_for(unit, 40_000) < 4 * seconds_for(unit, 20_000) + 0.2


def seconds_for(unit: str, length: int) -> float:
    run = plain(unit * (length // len(unit)))
    start = time.process_time()
    normalise(run, "en")
    return time.process_time() - start
