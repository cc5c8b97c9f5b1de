import pytest

from lossbasins.report.typesetting import typeset


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("E|grad_x f|^2 = <B B^T, F_cc>", "E|∇<sub>x</sub> f|<sup>2</sup> = &lt;B B<sup>T</sup>, F<sub>cc</sub>&gt;"),
        ("|grad L_S| above 0.1", "|∇L<sub>S</sub>| above 0.1"),
        ("log V^-1(50)", "log V<sup>-1</sup>(50)"),
        ("|B|_F^2", "|B|<sub>F</sub><sup>2</sup>"),
        ("10^534 times, tau <= 0", "10<sup>534</sup> times, τ ≤ 0"),
        ("free_energy of w0.1-n100, weight_norm", "free_energy of w0.1-n100, weight_norm"),
        ("status & <b>", "status &amp; &lt;b&gt;"),
    ],
)
def test_formulas_are_set_and_words_are_left(text, html):
    assert typeset(text) == html
