"""Formulas in plain text, as tables and claims have them, in HTML."""

import re
from html import escape

SYMBOLS = {
    "grad ": "∇",
    "grad_": "∇_",
    "sqrt": "√",
    "&lt;=": "≤",
    "&gt;=": "≥",
    "-&gt;": "→",
    "tau": "τ",
    "lambda": "λ",
}
"""What a formula writes out, escaped, and how it looks."""
WORD = re.compile("|".join(rf"(?<![A-Za-z]){re.escape(text)}" for text in SYMBOLS))
RAISED = re.compile(r"(?<=[A-Za-z0-9|>])\^(-?\w+)")
LOWERED = re.compile(r"((?<![A-Za-z0-9_])[A-Za-z∇λ]|\|)_([A-Za-z]{1,2}|\d+)(?![a-z])")


def typeset(text: str) -> str:
    """The text as HTML: powers raised, indices of one-letter symbols lowered, and symbols for their names.

    Example:
        >>> typeset("|grad L_S|, log V^-1(50)")
        '|∇L<sub>S</sub>|, log V<sup>-1</sup>(50)'
    """
    html = WORD.sub(lambda match: SYMBOLS[match[0]], escape(text, quote=False))
    html = LOWERED.sub(r"\1<sub>\2</sub>", html)
    return RAISED.sub(lambda match: f"<sup>{match[1]}</sup>", html)
