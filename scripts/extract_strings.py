"""All texts that the Studio may show, as an empty catalogue to be translated: scripts/extract_strings.py OUT.json

A text is a string of ``segmo_studio``, or of an error that ``segmo_core`` raises, that reads like words: it begins with
a capital or has a space between words. Places where values are put in become ``{}``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LEFT_OUT = ("blender-addon", "pictures", "measuring", "program.py")
_WORDS = re.compile(r"[A-Z][^\W\d_]|(?=.* ).*[^\W\d_]{3}", re.DOTALL)
_NO_WORDS = re.compile(r"^[A-Z_]+$|::|^//|^#|[{;]\s*$|^<|^vec|^gl_|QWidget|^\.|^https?:")


def extracted() -> dict[str, str]:
    """Text -> "", sorted."""
    found: set[str] = set()
    for path in sorted((ROOT / "segmo_studio").rglob("*.py")):
        if not any(part in path.parts for part in _LEFT_OUT) and path.name not in _LEFT_OUT:
            found |= set(texts_of(ast.parse(path.read_text("utf-8"))))
    for path in sorted((ROOT / "segmo_core").rglob("*.py")):
        if "cli" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Raise) and node.exc is not None:
                    found |= set(texts_of(node.exc))
    for path in (ROOT / "segmo_core" / "formats" / "registry.py", ROOT / "segmo_studio" / "views.py"):
        found |= set(texts_of(ast.parse(path.read_text("utf-8"))))
    return dict.fromkeys(sorted(found), "")


def texts_of(tree: ast.AST) -> Iterator[str]:
    docstrings = set()
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Constant, ast.JoinedStr)):
            docstrings.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in docstrings or id(node) in inside:
            continue
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if _WORDS.search(text) and not _NO_WORDS.search(text) and "\n  " not in text and len(text) < 600:
            yield text.strip() if text.strip() != "" else text


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("extract_strings: expected the name of a .json file to write\n")
        return 2
    texts = extracted()
    Path(sys.argv[1]).write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"Wrote {len(texts)} texts to {sys.argv[1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
