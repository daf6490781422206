"""Texts to try: many scripts, combining marks, emoji, odd blanks."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = [
    "the", "letter", "can't", "U.S.", "e-mail", "3.14", "1990s", "2008", "naïve", "STRASSE", "Müller's", "aa", "a",
    "_id_", "don’t", "https://x.org/a?b=c", "книга", "Ελλάδα", "ıstanbul", "İzmir", "שלום", "مُدَرِّس", "हिन्दी",
    "cafe\u0301", "n\u0303o\u0302", "日本語", "テスト", "한국어", "\u1112\u1161\u11ab", "👩‍👩‍👧", "🇩🇪", "👍🏽", "ﬁne", "x\u200dy",
    "zz", "aaaa", "\u202eabc", "ab\u00adcd", "𝒳𝒴𝒵𝒲", "'", "--", "…", "ǅabc",
]  # fmt: skip
BLANKS = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", ", ", ". ", "", "-", "\u2028", '"', " ("]

texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BLANKS)), max_size=12).map(
    lambda pairs: "".join(word + blank for word, blank in pairs)
)
any_texts = st.one_of(texts, st.text(max_size=40))
tokens = st.lists(st.sampled_from(WORDS) | st.text(min_size=1, max_size=8), max_size=10)
