"""Digests of tokens: what is laid out otherwise is alike, and what means something else is not."""

import pytest

from locking.kernel_source.tokens import token_digest, tokens_of

TEXT = b"""static int f(struct zone *zone)
{
	/* why */
	if (zone->end - -1 > 2) // so
		return f(zone) + '"';
#ifdef CONFIG_A
	g("a /* b */");
#endif
	return 0;
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/* why */", b""),
        (b"/* why */", b"/* why\n * not */"),
        (b"// so", b"// so it is; return 1;"),
        (b"// so", b"// so \\\n return 1;"),
        (b"\t", b"        "),
        (b"if (zone->end - -1 > 2)", b"if(zone -> end- -1>2)"),
        (b"// so\n\t\treturn f", b"return f"),
        (b"#ifdef CONFIG_A", b"# ifdef \\\n CONFIG_A /* one */"),
        (b"\n", b"\r\n"),
        (b"f(", b"g2("),
    ],
)
def test_layout_and_comments_do_not_count(old: bytes, new: bytes) -> None:
    other = TEXT.replace(old, new)
    assert other != TEXT
    assert token_digest(other, "g2" if b"g2(" in other else "f") == token_digest(TEXT, "f")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"- -1", b"--1"),
        (b"> 2", b">= 2"),
        (b"> 2", b"> 20"),
        (b"zone->end", b"zoneend"),
        (b"/* b */", b""),
        (b"a /*", b"a  /*"),
        (b"'\"'", b"'\\''"),
        (b"#ifdef CONFIG_A\n\tg", b"#ifdef CONFIG_A g"),
        (b"#ifdef", b"#ifndef"),
        (b"static ", b""),
        (b"return 0;", b"return 0;;"),
        (b"/* why */", b"why"),
        (b"struct zone *zone", b"struct zone *z"),
    ],
)
def test_every_other_edit_counts(old: bytes, new: bytes) -> None:
    assert old in TEXT
    assert token_digest(TEXT.replace(old, new), "f") != token_digest(TEXT, "f")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (b"a+++b", [b"a", b"++", b"+", b"b"]),
        (b"x<<=1.5e-3f", [b"x", b"<<=", b"1.5e-3f"]),
        (b'L"a\\"b" \'\\\\\'', [b'L"a\\"b"', b"'\\\\'"]),
        (b"a /* never ends", [b"a"]),
        (b'"never ends\nb', [b'"never ends', b"b"]),
        (b"#if A\nb # c\nd", [b"#", b"if", b"A", b"\n", b"b", b"#", b"c", b"d"]),
        (b"#define A \\\n b\nc", [b"#", b"define", b"A", b"b", b"\n", b"c"]),
        (b"\xff\x00", [b"\xff", b"\x00"]),
        (b"", []),
    ],
)
def test_a_text_has_the_tokens_of_c(text: bytes, tokens: list[bytes]) -> None:
    assert tokens_of(text) == tokens
