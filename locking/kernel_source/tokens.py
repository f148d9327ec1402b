"""The tokens of C: what is left of a text without its comments and white space.

A digest of them says whether a function is what it was, however it is laid out.
"""

import re
from functools import cache
from hashlib import sha256

TOKEN = re.compile(
    rb"(?P<blank>(?:[ \t\r\f\v]|\\\r?\n|/\*.*?(?:\*/|\Z)|//(?:\\\r?\n|[^\n])*)+)"
    rb"|(?P<end>\n)"
    rb'|(?:u8|[LuU])?"(?:\\.|[^"\\\n])*"?'
    rb"|[LuU]?'(?:\\.|[^'\\\n])*'?"
    rb"|\.?[0-9](?:[eEpP][+-]|[\w.])*"
    rb"|[A-Za-z_]\w*"
    rb"|\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|[-+*/%&|^<>=!]=|&&|\|\||##|.",
    re.DOTALL,
)
"""A token by C11, 6.4, or what parts two of them."""

DIGITS = 16
"""Of a digest, as many hexadecimal digits are kept."""


def tokens_of(text: bytes) -> list[bytes]:
    """The tokens of C. The end of a line is one only where it ends a directive, such as `#if`."""
    made: list[bytes] = []
    begins, directive = True, False
    for found in TOKEN.finditer(text):
        if found["blank"] is not None:
            continue
        if found["end"] is None:
            directive = directive or (begins and found[0] == b"#")
            begins = False
            made.append(found[0])
            continue
        if directive:
            made.append(b"\n")
        begins, directive = True, False
    return made


@cache
def token_digest(text: bytes, name: str) -> str:
    """A digest of the tokens of a definition of `name`, in which `name` itself does not count."""
    own = name.encode()
    kept = [b"" if token == own else token for token in tokens_of(text)]
    return sha256(b"\0".join(kept)).hexdigest()[:DIGITS]
