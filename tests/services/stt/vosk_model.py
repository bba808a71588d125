"""A tiny Kaldi model in Vosk's layout, written by hand as text: low tones are the word "low", high ones "high".

One linear layer makes of a frame's cepstrum how likely silence, a low and a high tone are: the first coefficient is
how loud it is, the second how much of it lies in the lower bands. Words may follow each other in any order.
"""

import json
import math
import struct
from pathlib import Path

import numpy as np

from shared.audio import Samples

LOW_HZ, HIGH_HZ = 300.0, 3_000.0
SAMPLE_RATE_HZ = 16_000
CEPSTRA = 13
PHONES = ("silence", "low", "high")
_WORD_COST = 20.0


def write_model(folder: Path, **changes: object) -> Path:
    """Write a model and a manifest for the store to complete; `changes` replace members of the manifest."""
    for name, contents in _files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(contents)
    facts = {"task": "speech-to-text", "engine": "vosk", "licence": "CC0", "languages": ["en"]}
    (folder / "manifest.json").write_text(json.dumps({**facts, **changes}))
    return folder


def tones(*parts: tuple[float, float]) -> Samples:
    """Return tones and pauses (0 Hz), each with its seconds, float32 at 16 kHz."""
    sounds = []
    for hz, seconds in parts:
        times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        sounds.append(0.5 * np.sin(2 * np.pi * hz * times))
    return np.concatenate(sounds).astype(np.float32)


def _files() -> dict[str, bytes]:
    texts = {
        "am/final.mdl": _transitions() + _network(),
        "conf/mfcc.conf": f"--use-energy=false\n--dither=0\n--num-ceps={CEPSTRA}\n",
        "conf/model.conf": "--acoustic-scale=1.0\n--frame-subsampling-factor=3\n--endpoint.silence-phones=1\n",
        "graph/words.txt": "<eps> 0\nlow 1\nhigh 2\n",
        "graph/phones/word_boundary.int": "1 nonword\n2 singleton\n3 singleton\n",
    }
    return {"graph/HCLG.fst": _graph(), **{name: text.encode() for name, text in texts.items()}}


def _transitions() -> str:
    """Each phone is one state, which it may stay in (odd transitions) or leave (even ones)."""
    tuples = "".join(f"{number + 1} 0 {number}\n" for number in range(len(PHONES)))
    probabilities = " ".join(["0", *[f"{math.log(0.5):.6f}"] * (2 * len(PHONES))])
    return f"""<TransitionModel> 
<Topology> 
<TopologyEntry> 
<ForPhones> 
1 2 3 
</ForPhones> 
<State> 0 <PdfClass> 0 <Transition> 0 0.5 <Transition> 1 0.5 </State> 
<State> 1 </State> 
</TopologyEntry> 
</Topology> 
<Triples> {len(PHONES)} 
{tuples}</Triples> 
<LogProbs> 
 [ {probabilities} ]
</LogProbs> 
</TransitionModel> 
"""


def _network() -> str:
    rows = [[-0.2, 0.0], [0.0, 0.5], [0.0, -0.5]]
    matrix = "\n".join(" ".join(map(str, [*row, *[0.0] * (CEPSTRA - 2)])) for row in rows)
    return f"""<Nnet3> 
input-node name=input dim={CEPSTRA}
component-node name=likely component=likely input=input
output-node name=output input=likely objective=linear

<NumComponents> 1 
<ComponentName> likely <FixedAffineComponent> <LinearParams>  [
{matrix} ]
<BiasParams>  [ 10 0 0 ]
</FixedAffineComponent> </Nnet3> <LeftContext> 0 <RightContext> 0 <Priors>  [ ]
"""


def _graph() -> bytes:
    """From the first state, which is also the last, each phone goes by its own state, and back; it may stay there."""
    phones = range(1, len(PHONES) + 1)
    out = [_arc(2 * phone, phone - 1, _WORD_COST if phone > 1 else 0.0, phone) for phone in phones]
    states = [
        _state(0.0, out),
        *(_state(math.inf, [_arc(2 * phone - 1, 0, 0.0, phone), _arc(0, 0, 0.0, 0)]) for phone in phones),
    ]
    magic, version, flags, properties, start = 2_125_659_606, 2, 0, 3, 0
    head = struct.pack("<i", magic) + _name("vector") + _name("standard")
    head += struct.pack("<iiQqqq", version, flags, properties, start, len(states), 3 * len(PHONES))
    return head + b"".join(states)


def _name(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode()


def _state(final_cost: float, arcs: list[bytes]) -> bytes:
    return struct.pack("<fq", final_cost, len(arcs)) + b"".join(arcs)


def _arc(transition: int, word: int, cost: float, state: int) -> bytes:
    return struct.pack("<iifi", transition, word, cost, state)
