import pytest
from scipy import stats

from lossbasins.experiments.measures.numbers import printed_measures
from lossbasins.volume import log_inverse_volume
from tests.experiments.measures.frames import CHOICES, compared, measures_frames
from tests.reporting.tables import cells


@pytest.fixture(scope="module")
def frames():
    return measures_frames(failed=2)


def test_each_row_has_scipys_tau_of_its_own_points(frames):
    table, points, *_ = frames
    assert len(table) == 7 * 3
    for row in table.to_dict("records"):
        members = points[(points["measure"] == row["measure"]) & (points["protocol"] == row["protocol"])]
        shown = members[members["left_out"].isna()]
        assert (row["solutions"], row["left_out"]) == (len(shown), len(members) - len(shown))
        assert row["overall"] == pytest.approx(stats.kendalltau(shown["value"], shown["test_accuracy"]).statistic)


def test_values_that_did_not_converge_are_left_out_and_counted_with_their_reason(frames):
    table, points, *_ = frames
    row = table.set_index(["measure", "protocol"]).loc[("free_energy", "raw")]
    assert (row["solutions"], row["left_out"], row["left_out_reasons"]) == (40, 8, "8 R-hat 1.4")
    assert points.loc[points["left_out"] == "R-hat 1.4", "value"].isna().all()


def test_the_primary_alone_is_not_corrected_and_the_others_are_together(frames):
    table = frames[0]
    primary = table[table["primary"]]
    assert primary[["measure", "protocol"]].to_numpy().tolist() == [["free_energy", "matched"]]
    assert primary["within_corrected"].isna().all()
    others = table[~table["primary"]]
    assert (others["within_corrected"] >= others["within_p"]).all()
    assert table["within_p"].between(1 / (CHOICES.permutations + 1), 1).all()


def test_a_measure_that_was_not_taken_and_is_the_primary_has_a_row():
    table = measures_frames(measures=("frobenius",), optimizers=("sgd",))[0]
    (row,) = table[table["primary"]].to_dict("records")
    assert (row["measure"], row["solutions"], row["within_reason"]) == ("free_energy", 0, "not measured")


def test_curves_have_the_tau_of_the_volume_at_each_k(frames):
    ranks = frames[2]
    protocols, made = compared()
    raw = protocols["raw"]
    identity = zip(raw["run"], raw["replica"], strict=True)
    volumes = [log_inverse_volume(made.spectra[run]["eigenvalues"][replica], 5) for run, replica in identity]
    expected = stats.kendalltau(volumes, raw["test_accuracy"]).statistic
    row = ranks[(ranks["protocol"] == "raw") & (ranks["k"] == 5)].iloc[0]
    assert row["tau"] == pytest.approx(expected)
    assert ranks["k"].max() <= CHOICES.largest_k


def test_the_worst_environment_is_the_largest_sign_error(frames):
    table, environments = frames[0], frames[3]
    largest = environments.groupby(["protocol", "measure"])["sign_error"].max()
    for row in table.to_dict("records"):
        assert row["worst_error"] == largest[row["protocol"], row["measure"]]


def test_print_has_a_row_for_each_with_its_reason(frames):
    rows, note = cells(printed_measures(*frames[:2]))
    assert len(rows) == 21
    assert rows[0][3] == "8 R-hat 1.4"
    assert "99 permutations within cells" in note
