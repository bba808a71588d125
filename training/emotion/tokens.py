"""Build the tokenizer: the base model's WordPiece, with emoji turned into words that the base model knows."""

from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers

MAX_TOKENS = 64
EMOJI_WORDS = {
    "[\ufe0f\u200d♀♂\U0001f3fb-\U0001f3ff]": "",
    "[😂🤣😹😆😅]+": " haha ",
    "[😍🥰😘😻💕💖💗💞💓❤♥💜💙💚💛🧡🖤]+": " love ",
    "[😭😢😿]+": " crying ",
    "[😔😞😟😥☹🙁😩😫💔]+": " sad ",
    "[😠😡🤬😤👿]+": " angry ",
    "[😱😨😰😧]+": " scared ",
    "[😮😲😯😳🤯]+": " wow ",
    "[🤢🤮]+": " disgusting ",
    "[😊☺😁😀😃😄🙂😇🤗🎉🥳]+": " happy ",
    "[👍👏🙌💯👌🔥💪]+": " great ",
    "[🤔🤨🧐]+": " hmm ",
    "[🙄😒😑👎]+": " annoyed ",
    "[😬😖😣]+": " awkward ",
    "[😉😏😜😝😛]+": " joking ",
    "🙏+": " please thanks ",
    "[🤦🤷]+": " whatever ",
    "😎+": " cool ",
}


def build_tokenizer(base_folder: Path, max_tokens: int = MAX_TOKENS) -> Tokenizer:
    """Return the tokenizer of the base model that reads emoji as words and cuts at `max_tokens`."""
    tokenizer = Tokenizer.from_file(str(base_folder / "tokenizer.json"))
    replacements = [normalizers.Replace(Regex(pattern), words) for pattern, words in EMOJI_WORDS.items()]
    tokenizer.normalizer = normalizers.Sequence([*replacements, tokenizer.normalizer])
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
