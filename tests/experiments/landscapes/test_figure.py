import pytest
import yaml
from matplotlib.collections import PathCollection

from lossbasins.experiments.landscapes.figure import landscapes_figure, run
from lossbasins.experiments.landscapes.specs import LandscapesInputs, LandscapesSpec
from lossbasins.reporting.labels import signed
from lossbasins.specs.files import Drawing
from tests.configurations import ROOT
from tests.experiments.volumes.frames import under_protocols, volume_frames
from tests.reporting.measurements import CASES, measurements
from tests.stages.conftest import context
from tests.stages.reports import MANIFEST


def drawing(folder):
    return Drawing(**{ending: folder / f"figure.{ending}" for ending in ("pdf", "svg", "png")})


SPEC = LandscapesSpec(titles=("MNIST", "CIFAR-10"), protocols=("raw", "matched"), top=10)


@pytest.fixture(scope="module")
def frames():
    """A landscape with volumes and one with the Frobenius norm alone, of which there is no matched point."""
    mnist, cifar = volume_frames(), volume_frames(**CASES["one attack"])
    norms = [frame[frame["protocol"] == "raw"] for frame in cifar]
    return mnist, [norms[0].drop(columns="log_inverse_volume"), norms[1].query("measure == 'frobenius_norm'")]


@pytest.fixture(scope="module")
def figure(frames):
    (points, table), (norms, correlations) = frames
    return landscapes_figure([points, norms], [table, correlations], SPEC, MANIFEST)


def test_a_column_a_landscape_and_a_row_a_protocol(figure):
    assert [axes.get_title(loc="left").rpartition("\n")[0] for axes in figure.axes] == [
        "MNIST\nas trained",
        "CIFAR-10\nas trained",
        "MNIST\nbrought to one loss",
        "CIFAR-10\nbrought to one loss",
    ]
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert [label.split(",")[0] for label in labels] == ["log inverse volume", "Frobenius norm"] * 2
    assert figure.axes[3].texts[0].get_text() == "not compared so"


def test_three_titles_side_by_side_keep_within_the_figure(frames):
    spec = SPEC.model_copy(update={"titles": ("MNIST", "SVHN", "CIFAR-10")})
    figure = landscapes_figure([frames[0][0]] * 3, [frames[0][1]] * 3, spec, MANIFEST)
    figure.canvas.draw()
    ends = [axes._left_title.get_window_extent().x1 for axes in figure.axes[:3]]
    limits = [figure.axes[1].bbox.x0, figure.axes[2].bbox.x0, figure.bbox.x1]
    assert all(end < limit for end, limit in zip(ends, limits, strict=True))


def test_marks_are_the_solutions_and_the_tau_that_of_the_table(figure, frames):
    for axes, (points, table) in zip(figure.axes, frames, strict=False):
        measure = table["measure"].iloc[0]
        shown = points[(points["protocol"] == "raw") & points[measure].notna()]
        marks = sum(len(drawn.get_offsets()) for drawn in axes.collections if isinstance(drawn, PathCollection))
        assert marks == len(shown)
        row = table[(table["protocol"] == "raw") & (table["group"] == "all")].iloc[0]
        text = axes.get_title(loc="left")
        assert signed(row["tau"]) in text
        assert f"n = {row['solutions']}" in text


def test_a_landscape_without_solutions_says_so():
    points, table = volume_frames(**CASES["nothing"])
    figure = landscapes_figure([points], [table], SPEC.model_copy(update={"titles": ("MNIST",)}), MANIFEST)
    assert figure.axes[0].texts[0].get_text() == "no solution to show"


def test_points_of_an_older_table_are_one_line(frames, tmp_path):
    (points, table), _ = frames
    points.drop(columns="test_images").to_csv(tmp_path / "points.csv")
    table.to_csv(tmp_path / "table.csv")
    inputs = LandscapesInputs(points=(tmp_path / "points.csv",), tables=(tmp_path / "table.csv",))
    with pytest.raises(ValueError, match=r"points.csv: lacks the column test_images; allowed: points of a table of v"):
        run(SPEC.model_copy(update={"titles": ("MNIST",)}), inputs, drawing(tmp_path), context())


def test_the_frozen_tables_that_a_study_names_can_be_drawn(tmp_path):
    study = yaml.safe_load((ROOT / "studies/landscapes.yaml").read_text())
    panels = study["experiments"]["landscapes"]["panels"]
    points, tables = (tuple(ROOT / f"{panel['table']}{ending}.csv" for panel in panels) for ending in ("_points", ""))
    spec = LandscapesSpec(titles=tuple(panel["title"] for panel in panels), protocols=("raw", "matched"), top=50)
    run(spec, LandscapesInputs(points=points, tables=tables), drawing(tmp_path), context())
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_bars_stand_for_a_small_test_set(figure, frames):
    assert "95% binomial intervals of 900 test images" in " ".join(figure.texts[0].get_text().split())
    points = under_protocols(measurements())
    large = landscapes_figure(
        [points.assign(test_images=10000)], [frames[0][1]], SPEC.model_copy(update={"titles": ("MNIST",)}), MANIFEST
    )
    assert "binomial" not in large.texts[0].get_text()
