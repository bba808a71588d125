"""Values of `<prosody>` and `<break>`: SSML 1.1 with the vendors' common additions."""

import re

from shared.text.document import Prosody
from shared.text.limits import LONGEST_PAUSE_SECONDS

RATE_RANGE = (0.2, 4.0)
PITCH_RANGE = (0.5, 2.0)
VOLUME_RANGE_DB = (-60.0, 12.0)
TRACT_LENGTH_RANGE = (0.5, 2.0)

REFERENCE_PITCH_HZ = 150.0
"""A pitch in Hz is a step from the voice's own; the document holds factors, so the step is taken from here."""

RATES = {"x-slow": 0.5, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.75}
PITCHES = {"x-low": 0.75, "low": 0.88, "medium": 1.0, "default": 1.0, "high": 1.14, "x-high": 1.33}
VOLUMES_DB = {
    "silent": -60.0, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 6.0, "x-loud": 12.0,
}  # fmt: skip
BREAK_SECONDS = {"none": 0.0, "x-weak": 0.0, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}

_VALUE = re.compile(r"([+-]?)(\d{1,4}(?:\.\d{0,8})?|\.\d{1,8})(%|st|Hz|dB|ms|s)?", re.ASCII | re.IGNORECASE)


def rate_factor(value: str) -> float:
    """Return the factor that a rate names: x-slow to x-fast, 80%, +20%, -20% or 1.2. Raises ValueError."""
    if value in RATES:
        return RATES[value]
    sign, number, unit = _split(value)
    if unit == "%":
        return 1.0 + _signed(sign, number) / 100 if sign else number / 100
    if unit or sign:
        raise ValueError("the rate must be x-slow to x-fast, a percentage or a factor such as 1.2")
    return number


def pitch_factor(value: str) -> float:
    """Return the factor that a pitch names: x-low to x-high, +10%, -2st or +15Hz. Raises ValueError."""
    if value in PITCHES:
        return PITCHES[value]
    sign, number, unit = _split(value)
    step = _signed(sign, number)
    if not sign or unit not in ("%", "st", "hz"):
        raise ValueError("the pitch must be x-low to x-high or a signed step such as +10%, -2st or +15Hz")
    if unit == "st":
        return float(2.0 ** (min(max(step, -48.0), 48.0) / 12))
    return 1.0 + step / (100 if unit == "%" else REFERENCE_PITCH_HZ)


def volume_db(value: str) -> float:
    """Return the change in dB that a volume names: silent to x-loud, +6dB or -3dB. Raises ValueError."""
    if value in VOLUMES_DB:
        return VOLUMES_DB[value]
    sign, number, unit = _split(value)
    if not sign or unit != "db":
        raise ValueError("the volume must be silent to x-loud or a signed change such as +6dB")
    return _signed(sign, number)


def pause_seconds(value: str) -> float:
    """Return the seconds of a time such as 1.5s or 300ms. Raises ValueError, also over LONGEST_PAUSE_SECONDS."""
    sign, number, unit = _split(value)
    if sign == "-" or unit not in ("s", "ms"):
        raise ValueError("the time must be like 1.5s or 300ms")
    seconds = number if unit == "s" else number / 1000
    if seconds > LONGEST_PAUSE_SECONDS:
        raise ValueError(f"a pause may last {LONGEST_PAUSE_SECONDS:g} seconds at most")
    return rounded(seconds)


def tract_length_factor(value: str) -> float:
    """Return the factor that a length of the vocal tract names: +15%, -10% or 115%. Raises ValueError."""
    sign, number, unit = _split(value)
    if unit != "%":
        raise ValueError("the vocal-tract-length must be a percentage such as +15%, -10% or 115%")
    factor = (1.0 if sign else 0.0) + _signed(sign, number) / 100
    if not TRACT_LENGTH_RANGE[0] <= factor <= TRACT_LENGTH_RANGE[1]:
        raise ValueError("the vocal-tract-length must be from -50% to +100%")
    return rounded(factor)


def nested(outer: Prosody, rate: float = 1.0, pitch: float = 1.0, volume: float = 0.0) -> Prosody:
    """Return the prosody of an element inside `outer`, kept within what can still be understood."""
    return Prosody(
        rate=_clamped(outer.rate * rate, RATE_RANGE),
        pitch=_clamped(outer.pitch * pitch, PITCH_RANGE),
        volume_db=_clamped(outer.volume_db + volume, VOLUME_RANGE_DB),
    )


def rounded(value: float) -> float:
    """Return the value with as many decimals as markup writes, so that written and read again it is the same."""
    return round(value, 6)


def _clamped(value: float, bounds: tuple[float, float]) -> float:
    return rounded(min(max(value, bounds[0]), bounds[1]))


def _split(value: str) -> tuple[str, float, str]:
    found = _VALUE.fullmatch(value.strip())
    if not found:
        raise ValueError("the value is not one of the names, nor a number with a unit")
    return found[1], float(found[2]), (found[3] or "").lower()


def _signed(sign: str, number: float) -> float:
    return -number if sign == "-" else number
