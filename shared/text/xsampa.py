"""X-SAMPA to IPA, and a check that text is IPA. Table: J. C. Wells, "Computer-coding the IPA" (1995)."""

import unicodedata

_SAME = "abcdefhijklmnopqrstuvwxyz"

_SYMBOLS = {
    "_B_L": "\u1dc5", "_H_T": "\u1dc4", "_R_F": "\u1dc8", "_r_f": "\u1dc8",
    "b_<": "ɓ", "d_<": "ɗ", "g_<": "ɠ", "G\\_<": "ʛ", "J\\_<": "ʄ",
    "|\\|\\": "ǁ", "s\\": "ɕ", "z\\": "ʑ", "x\\": "ɧ", "h\\": "ɦ", "j\\": "ʝ", "k\\": "\u029e", "l\\": "ɺ", "p\\": "ɸ",
    "r\\`": "ɻ", "r\\": "ɹ", "v\\": "ʋ", "B\\": "ʙ", "G\\": "ɢ", "H\\": "ʜ", "I\\": "ᵻ", "J\\": "ɟ", "K\\": "ɮ",
    "L\\": "ʟ", "M\\": "ɰ", "N\\": "ɴ", "O\\": "ʘ", "R\\": "ʀ", "U\\": "ᵿ", "X\\": "ħ", "3\\": "ɞ", "@\\": "ɘ",
    "?\\": "ʕ", "<\\": "ʢ", ">\\": "ʡ", "!\\": "ǃ", "|\\": "ǀ", "=\\": "ǂ", "-\\": "‿", ":\\": "ˑ",
    "d`": "ɖ", "l`": "ɭ", "n`": "ɳ", "r`": "ɽ", "s`": "ʂ", "t`": "ʈ", "z`": "ʐ", "@`": "ɚ", "3`": "ɝ",
    "g": "ɡ", "A": "ɑ", "B": "β", "C": "ç", "D": "ð", "E": "ɛ", "F": "ɱ", "G": "ɣ", "H": "ɥ", "I": "ɪ", "J": "ɲ",
    "K": "ɬ", "L": "ʎ", "M": "ɯ", "N": "ŋ", "O": "ɔ", "P": "ʋ", "Q": "ɒ", "R": "ʁ", "S": "ʃ", "T": "θ", "U": "ʊ",
    "V": "ʌ", "W": "ʍ", "X": "χ", "Y": "ʏ", "Z": "ʒ", "1": "ɨ", "2": "ø", "3": "ɜ", "4": "ɾ", "5": "ɫ", "6": "ɐ",
    "7": "ɤ", "8": "ɵ", "9": "œ", "&": "ɶ", "@": "ə", "{": "æ", "}": "ʉ", "?": "ʔ",
    ".": ".", '"': "ˈ", "%": "ˌ", ":": "ː", "'": "ʲ", "-": "", "|": "|", "||": "‖", "!": "ꜜ", "^": "ꜛ",
    "<F>": "↘", "<R>": "↗", " ": " ", "`": "˞", "~": "\u0303", "=": "\u0329",
    "_\"": "\u0308", "_+": "\u031f", "_-": "\u0320", "_/": "\u030c", "_\\": "\u0302", "_^": "\u032f", "_0": "\u0325",
    "_=": "\u0329", "_>": "ʼ", "_?\\": "ˤ", "_}": "\u031a", "_~": "\u0303", "_1": "\u030f", "_A": "\u0318",
    "_a": "\u033a", "_B": "\u030f", "_c": "\u031c", "_d": "\u032a", "_e": "\u0334", "_F": "\u0302", "_G": "ˠ",
    "_H": "\u0301", "_h": "ʰ", "_j": "ʲ", "_k": "\u0330", "_L": "\u0300", "_l": "ˡ", "_M": "\u0304", "_m": "\u033b",
    "_N": "\u033c", "_n": "ⁿ", "_O": "\u0339", "_o": "\u031e", "_q": "\u0319", "_R": "\u030c", "_r": "\u031d",
    "_T": "\u030b", "_t": "\u0324", "_v": "\u032c", "_w": "ʷ", "_X": "\u0306", "_x": "\u033d",
    "_": "\u0361",
}  # fmt: skip

_TABLE = {letter: letter for letter in _SAME} | _SYMBOLS
_LONGEST = max(map(len, _TABLE))

_IPA_LETTERS = frozenset("".join(_TABLE.values())) | frozenset("gʧʤʦʣʨʥɚɝʱˑˈˌːˀˁ.|‖‿ ͜͡↗↘ꜛꜜ˥˦˧˨˩ʼˬ()-")


def xsampa_to_ipa(text: str) -> str:
    """Return the IPA of X-SAMPA, longest symbol first. Raises ValueError for what is no X-SAMPA."""
    sounds: list[str] = []
    index = 0
    while index < len(text):
        symbol = next(
            (text[index : index + n] for n in range(_LONGEST, 0, -1) if text[index : index + n] in _TABLE), None
        )
        if symbol is None:
            raise ValueError("the sounds are not X-SAMPA")
        sounds.append(_TABLE[symbol])
        index += len(symbol)
    return "".join(sounds)


def checked_ipa(text: str) -> str:
    """Return the text. Raises ValueError if it holds anything but IPA letters, tones and diacritics."""
    for character in unicodedata.normalize("NFD", text):
        if (
            character not in _IPA_LETTERS
            and not "\u0300" <= character <= "\u036f"
            and not "\u02b0" <= character <= "\u02ff"
        ):
            raise ValueError("the sounds are not IPA")
    return text
