"""The words of a segment where there is little room: what is done, without who does it."""

from __future__ import annotations

import re

_SUBJECT = re.compile(
    r"^\s*(?:(?:a|an|the|this|one)\s+)?(?:person|man|woman|human|figure|character|individual|someone|somebody|he|she|they)"
    r"(?:\s+is|\s+are)?\s+(?=\S)",
    re.IGNORECASE,
)


def without_subject(text: str) -> str:
    """ "A person walks forward." -> "walks forward"; other texts stay, without their full stop."""
    return _SUBJECT.sub("", text.strip()).rstrip(".") or text
