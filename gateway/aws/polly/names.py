"""Names of Amazon Polly's voices, so that applications speak that have one of them written in."""

from typing import Final, Literal

Gender = Literal["female", "male"]

_GENDERS: Final[tuple[Gender, Gender]] = ("female", "male")
_NAMES: Final[dict[str, tuple[str, str]]] = {
    "en-US": ("Joanna Danielle Ivy Kendra Kimberly Ruth Salli Tiffany", "Matthew Gregory Joey Justin Kevin Stephen"),
    "en-GB": ("Amy Emma", "Brian Arthur"),
    "en-AU": ("Olivia Nicole", "Russell"),
    "en-IN": ("Aditi Kajal Kiara Raveena", "Arjun"),
    "en-IE": ("Niamh", ""),
    "en-NZ": ("Aria", ""),
    "en-SG": ("Jasmine", ""),
    "en-ZA": ("Ayanda", ""),
    "en-GB-WLS": ("", "Geraint"),
    "es-ES": ("Conchita Lucia", "Enrique Sergio"),
    "es-MX": ("Mia", "Andres"),
    "es-US": ("Lupe Penelope", "Carlos Miguel Pedro"),
    "fr-FR": ("Ambre Celine Lea", "Florian Mathieu Remi"),
    "fr-BE": ("Isabelle", ""),
    "fr-CA": ("Chantal Gabrielle", "Liam"),
    "de-DE": ("Marlene Tina Vicki", "Daniel Hans Lennart"),
    "de-AT": ("Hannah", ""),
    "de-CH": ("Sabrina", ""),
    "nl-NL": ("Laura Lotte", "Ruben"),
    "nl-BE": ("Lisa", ""),
    "pt-BR": ("Camila Carolina Vitoria", "Leo Ricardo Thiago"),
    "pt-PT": ("Ines", "Cristiano"),
    "arb": ("Zeina", ""),
    "ar-AE": ("Hala", "Zayd"),
    "ca-ES": ("Arlet", ""),
    "cmn-CN": ("Zhiyu", ""),
    "cs-CZ": ("Jitka", ""),
    "cy-GB": ("Gwyneth", ""),
    "da-DK": ("Naja Sofie", "Mads"),
    "fi-FI": ("Suvi", ""),
    "is-IS": ("Dora", "Karl"),
    "it-IT": ("Beatrice Bianca Carla", "Adriano Giorgio Lorenzo"),
    "ja-JP": ("Kazuha Mizuki Tomoko", "Takumi"),
    "ko-KR": ("Jihye Seoyeon", "Hyunduk"),
    "nb-NO": ("Ida Liv", ""),
    "pl-PL": ("Ewa Maja Ola", "Jacek Jan"),
    "ro-RO": ("Carmen", ""),
    "ru-RU": ("Tatyana", "Maxim"),
    "sv-SE": ("Astrid Elin", ""),
    "tr-TR": ("Burcu Filiz", ""),
    "yue-CN": ("Hiujin", ""),
}
"""Women's and men's, by language."""

POLLY_VOICES: Final[dict[str, tuple[str, Gender]]] = {
    name: (code, gender)
    for code, by_gender in _NAMES.items()
    for gender, names in zip(_GENDERS, by_gender, strict=True)
    for name in names.split()
}
"""Language and gender of each."""
