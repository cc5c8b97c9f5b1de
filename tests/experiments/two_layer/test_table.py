import pandas as pd
import pytest

from lossbasins.experiments.two_layer import table as stage
from lossbasins.experiments.two_layer.specs import TwoLayerSpec
from lossbasins.specs.entries import AttackSpec
from lossbasins.specs.files import Images, Table
from tests.stages.reports import context, outputs

SPEC = TwoLayerSpec(
    pixels=4,
    activations=("softplus", "relu"),
    width=20,
    target_loss=0.005,
    steps=1500,
    factors=(0.5, 2.0),
    attacks=(None, AttackSpec(weight=1, size=15)),
    seeds=(1, 2),
)


def made(spec, split_path, folder, stem="first"):
    written = outputs(Table, folder, stem)
    stage.run(spec, Images(split=split_path), written, context(folder))
    return pd.read_csv(written.csv), written


@pytest.fixture(scope="module")
def table(split_path, tmp_path_factory):
    return made(SPEC, split_path, tmp_path_factory.mktemp("two_layer"))[0]


def test_one_row_per_solution_and_rescaling(table):
    keys = ["activation", "attack", "replica", "rescaled", "factor"]
    assert not table.duplicated(keys).any()
    assert set(table["status"]) == {"ok"}
    assert table.groupby("activation", sort=False).size().to_dict() == {"softplus": 4, "relu": 4 * (1 + 2 * 2)}
    assert set(table["attack"]) == {"none", "w1-n15"}


def test_both_sides_of_the_theorem_agree_and_its_bounds_hold(table):
    assert (table["equality_error"] <= 1e-10).all()
    assert (table["input_gradient"] <= table["bound"]).all()
    assert (table["bound"] <= table["corollary"] * (1 + 1e-12)).all()


def test_attacked_solutions_fit_both_sets(table):
    attacked = table[table["attack"] != "none"]
    assert (attacked["attack_accuracy"] == 1).all()
    assert (table["train_accuracy"] == 1).all()
    assert (table["train_loss"] <= SPEC.target_loss).all()
    assert table.loc[table["attack"] == "none", "attack_accuracy"].isna().all()


def test_rescaling_changes_the_bound_only_where_nodes_are_rescaled_differently(table):
    relu = table[table["activation"] == "relu"].set_index(["attack", "replica", "rescaled", "factor"])
    for solution in relu.index.droplevel(["rescaled", "factor"]).unique():
        rows = relu.loc[solution]
        bound, hessian = (rows[name] / rows.loc[("none", 1.0), name] for name in ("bound", "hessian"))
        assert bound.loc["all"].tolist() == pytest.approx([1, 1], rel=1e-10)
        assert (abs(bound.loc["one"] - 1) > 1e-6).all()
        assert (abs(hessian.loc["all"] - 1) > 1e-6).all()


def test_a_solution_that_is_not_fitted_is_counted_and_not_measured(split_path, tmp_path):
    short = SPEC.model_copy(update={"steps": 1, "activations": ("relu",), "seeds": (1,)})
    table, written = made(short, split_path, tmp_path)
    assert list(table["status"]) == ["not_fitted", "not_fitted"]
    assert "bound" not in table
    assert "2 solutions, 2 left out (2 not fitted)" in written.md.read_text()


def test_the_same_job_writes_the_same_bytes(split_path, tmp_path):
    short = SPEC.model_copy(update={"activations": ("softplus",), "seeds": (1,), "attacks": (None,)})
    files = [made(short, split_path, tmp_path, stem)[1] for stem in ("first", "second")]
    for name in Table.__dataclass_fields__:
        assert len({getattr(written, name).read_bytes() for written in files}) == 1
