import numpy as np
import pytest
from scipy import stats

from lossbasins.experiments.initialization.numbers import initialization_spread, printed_initialization
from lossbasins.reporting.formats import to_markdown
from tests.experiments.initialization.frames import CASES, initialization_frames, initializations


def rows(points, table, spread, cases):
    lines = to_markdown(*printed_initialization(points, table, spread, cases)).splitlines()
    header, *body = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in [lines[0], *lines[2:-2]]]
    return [dict(zip(header, line, strict=True)) for line in body], lines[-1]


def test_ours_stand_beside_the_papers_with_welchs_test():
    _, evaluations, _ = initializations(**CASES["usual"])
    _, table, _, _ = initialization_frames(**CASES["usual"])
    row = table.iloc[0]
    # A sample of six with exactly the mean and deviation that the paper prints.
    shape = np.array([-1.0, 1, -1, 1, -1, 1])
    paper = 0.99 + 0.0019 * shape / shape.std(ddof=1)
    expected = stats.ttest_ind(evaluations[0]["test_accuracy"], paper, equal_var=False)
    assert (row["test_t"], row["test_p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert (row["paper_test_mean"], row["paper_test_std"]) == pytest.approx((0.99, 0.0019))


def test_unfitted_replicas_count_and_diverged_ones_do_not():
    points, table, spread, cases = initialization_frames(**CASES["usual"])
    assert table["solutions"].tolist() == [4, 4, 3, 4]
    assert table["fitted"].tolist() == [3, 4, 3, 4]
    assert table["left_out"].tolist() == [0, 0, 1, 0]
    assert "16 solutions, 1 left out (1 diverged)" in rows(points, table, spread, cases)[1]


def test_only_the_last_initialisation_is_named_by_the_paper():
    cells, note = rows(*initialization_frames())
    assert [row["named in the paper"] for row in cells] == ["no", "no", "no", "yes"]
    assert "beside rows that it does not name" in note


def test_training_sets_of_another_size_mark_every_statistic():
    cells, note = rows(*initialization_frames())
    marked = [row[name] for row in cells for name in ("t, test", "p, test")]
    assert all(cell.endswith(r"\*") for cell in marked)
    assert (
        r"\* no replication" in note
        or "* no replication, since it has 512 training images and the paper 60,000" in note
    )


def test_training_sets_of_the_same_size_are_not_marked():
    cells, note = rows(*initialization_frames(images=60000))
    assert not [cell for row in cells for cell in row.values() if "*" in cell]
    assert "60,000 training images, as in the paper" in note


def test_accuracies_that_do_not_spread_on_either_side_have_no_test():
    _, table, _, _ = initialization_frames()
    assert table.loc[3, ["train_t", "train_p"]].isna().all()
    assert table.loc[3, "train_reason"] == "all values are equal"


def test_the_spread_between_ours_is_that_of_scipy():
    _, evaluations, _ = initializations()
    _, _, spread, _ = initialization_frames()
    samples = [frame["test_accuracy"] for frame in evaluations]
    tukey = stats.tukey_hsd(*samples).confidence_interval(0.9)
    row = spread.iloc[0]
    assert (row["best"], row["worst"]) == ("he", "lecun-uniform")
    assert row["difference"] == pytest.approx(samples[3].mean() - samples[0].mean())
    assert (row["low"], row["high"]) == pytest.approx((tukey.low[3, 0], tukey.high[3, 0]))
    assert row["p"] == pytest.approx(stats.f_oneway(*samples).pvalue)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("one replica", "an initialisation has fewer than two solutions"),
        ("nothing", "fewer than two initialisations with solutions"),
    ],
)
def test_a_spread_that_cannot_be_judged_says_why(case, reason):
    points, table, spread, cases = initialization_frames(**CASES[case])
    assert spread.loc[0, ["low", "high", "f", "p"]].isna().all()
    assert spread.loc[0, "reason"] == reason
    assert reason in rows(points, table, spread, cases)[1]


def test_equal_accuracies_have_a_spread_of_zero_and_no_test():
    points, _, _, cases = initialization_frames()
    row = initialization_spread(points.assign(test_accuracy=0.9), cases, 0.9).iloc[0]
    assert row["difference"] == 0
    assert row["best"] != row["worst"]
    assert row["reason"] == "no initialisation spreads"


def test_cases_do_not_share_replicas():
    points, table, spread, cases = initialization_frames(**CASES["several cases"])
    assert spread["solutions"].tolist() == [16, 16, 16]
    assert table["solutions"].tolist() == [4] * 12
    assert rows(points, table, spread, cases)[1].count("16 solutions, none left out") == 3
