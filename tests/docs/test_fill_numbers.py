import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("fill_numbers", ROOT / "docs" / "fill_numbers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def published(tmp_path):
    table = tmp_path / "toy" / "tables" / "points.csv"
    table.parent.mkdir(parents=True)
    table.write_text("attack,tau,accuracy\nnone,-0.123,0.918\nw1-n100,,0.4\nw1-n500,0.5,0.6\nrandom labels,0.5,0.8\n")
    return tmp_path


pages = pytest.mark.parametrize("path", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda path: path.name)


@pages
def test_numbers_in_prose_are_those_of_the_tables(script, path):
    assert script.fill(path.read_text()) == path.read_text(), "run docs/fill_numbers.py"


@pages
def test_every_comment_is_a_number_that_is_filled_in(script, path):
    text = path.read_text()
    assert len(script.NUMBER.findall(text)) == text.count("<!--") - text.count("<!---->")


@pages
def test_no_line_begins_with_a_comment_since_markdown_would_end_the_paragraph_there(path):
    assert not re.findall(r"^ *<!--.*", path.read_text(), re.MULTILINE), "move a word to the front of the line"


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("toy/points attack=none: {tau:.2f}", "-0.12"),
        ("toy/points attack=random+labels: {accuracy:.1f}", "0.8"),
        (
            "toy/points: {accuracy_min:.1%} to {accuracy_max:.0%} of {rows}, {tau_mean:.3f}, {accuracy_median:.1f}",
            "40.0\u00a0% to 92\u00a0% of 4, 0.292, 0.7",
        ),
    ],
)
def test_a_number_is_filled_in(script, published, given, filled):
    assert script.fill(f"It is <!--{given}-->0<!---->.", published) == f"It is <!--{given}-->{filled}<!---->."


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("toy/points attack=all: {tau}", "toy/points attack=all: no row"),
        ("toy/points attack=none: {tow}", "toy/points attack=none: 'tow'"),
        ("toy/other: {tau}", "toy/other: .*No such file"),
        ("toy/points attack=w1-n100: {tau}", "toy/points attack=w1-n100: tau is missing"),
    ],
)
def test_what_a_table_does_not_have_is_an_error(script, published, given, said):
    with pytest.raises(ValueError, match=said):
        script.fill(f"<!--{given}-->0<!---->", published)
