"""Pages link to what there is, the site can be built, and all places say the same version."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

import lossbasins
from tests.configurations import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"https?://")


def anchors(page):
    """Those of its headings, as GitHub and MyST make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_there_are(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for link in LINK.findall(text):
        if ADDRESS.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_site():
    index = (ROOT / "docs/index.md").read_text()
    listed = {line for line in index.splitlines() if (ROOT / "docs" / f"{line}.md").is_file()}
    assert listed == {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}


def test_the_site_is_built_without_a_warning(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "--quiet",
            "--fail-on-warning",
            "--keep-going",
            "docs",
            str(tmp_path / "site"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    api = (tmp_path / "site/api.html").read_text()
    assert 'id="lossbasins.curvature.' in api
    assert "math notranslate" in api


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == citation["version"] == lossbasins.__version__
    assert f"\n## {lossbasins.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()
