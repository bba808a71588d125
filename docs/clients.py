"""Which calls of others' clients the tests make: read from the tests themselves, so that no page promises more."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore import xform_name

from gateway.aws.contract import contract_of
from gateway.aws.offers import OFFERS

_TESTS = Path(__file__).parent.parent / "tests" / "compat"
_TITLES = {"polly": "Amazon Polly", "comprehend": "Amazon Comprehend", "transcribe": "Amazon Transcribe"}
_OPENAI = (
    *("audio.speech.create", "audio.transcriptions.create", "audio.translations.create"),
    *("models.list", "models.retrieve"),
    *("files.create", "files.list", "files.retrieve", "files.content", "files.delete"),
)
_HEAD = """# Coming from another service

The clients that you have go on working; they are told another address, and a key of this Timbre.

| from | how, and what differs |
|---|---|
| Amazon Polly | [migrate-polly.md](migrate-polly.md) |
| Amazon Transcribe | [migrate-transcribe.md](migrate-transcribe.md) |
| Amazon Comprehend | [migrate-comprehend.md](migrate-comprehend.md) |
| OpenAI's audio | [migrate-openai.md](migrate-openai.md) |

Below is every operation that is served, and the tests that call it with an unmodified client (boto3, the AWS CLI,
openai), through NGINX; they lie in `tests/compat/`. `make docs` reads them anew.
"""


@dataclass(frozen=True)
class _Test:
    file: str
    mentioned: frozenset[str]
    """Dotted names, and texts (of paginators and waiters), of the test and the functions of its file that it uses."""

    def calls(self, name: str) -> bool:
        """Tell whether the test calls a client's method."""
        return any(each == name or each.endswith(f".{name}") for each in self.mentioned)


def migrate_page() -> str:
    """Return the page for people who come from elsewhere."""
    parts = [_HEAD]
    for service, offered in OFFERS.items():
        names = {operation: xform_name(operation) for operation in offered.operations}
        parts.append(_table(_TITLES[service], names, list(_tests(_TESTS / service))))
        parts.append(_left_out(service, len(offered.operations)))
    parts.append(_table("OpenAI", {name: name for name in _OPENAI}, list(_tests(_TESTS / "openai"))))
    return "\n".join(parts)


def _left_out(service: str, count: int) -> str:
    others = len(contract_of(service).operation_names) - count
    return f"The {others} other operations answer with an error that names these.\n"


def _table(title: str, operations: Mapping[str, str], tests: Iterable[_Test]) -> str:
    tests = list(tests)
    rows = [f"| `{shown}` | {_proven(name, tests)} |" for shown, name in operations.items()]
    return "\n".join((f"## {title}\n", "| operation | called in |", "|---|---|", *rows, ""))


def _proven(name: str, tests: Iterable[_Test]) -> str:
    files = {test.file for test in tests if test.calls(name)}
    return ", ".join(f"`{file}`" for file in sorted(files)) or "none"


def _tests(folder: Path) -> Iterator[_Test]:
    for path in sorted([*folder.glob("test_*.py"), *_TESTS.glob("test_*.py")]):
        tree = ast.parse(path.read_text())
        functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for name, node in functions.items():
            if name.startswith("test_"):
                yield _Test(path.name, frozenset(_mentioned(node, functions, set())))


def _mentioned(node: ast.AST, functions: Mapping[str, ast.AST], seen: set[str]) -> Iterator[str]:
    """Yield what a function mentions, and what those of its file do that it mentions by name."""
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute):
            yield ast.unparse(child)
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        used = child.id if isinstance(child, ast.Name) else child.arg if isinstance(child, ast.arg) else ""
        if used in functions and used not in seen:
            seen.add(used)
            yield from _mentioned(functions[used], functions, seen)
