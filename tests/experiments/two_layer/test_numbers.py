import pandas as pd
import pytest

from lossbasins.experiments.two_layer.numbers import MEASURES, left_out, printed_two_layer
from lossbasins.experiments.two_layer.specs import TwoLayerChoices
from lossbasins.reporting.formats import to_markdown
from tests.experiments.two_layer.frames import two_layer_frame

CHOICES = TwoLayerChoices(
    pixels=7, activations=("tanh", "relu"), width=40, target_loss=0.002, steps=9, factors=(0.25, 0.5, 4)
)


def test_rows_are_medians_over_starts_but_the_largest_error():
    frame = two_layer_frame(factors=(0.25, 0.5, 4.0))
    table = printed_two_layer(frame, CHOICES).frame
    row = table[(table["activation"] == "relu") & (table["attack"] == "w1-n100") & (table["state"] == "as trained")]
    starts = frame[(frame["activation"] == "relu") & (frame["attack_size"] == 100) & (frame["rescaled"] == "none")]
    assert row["number"].item() == len(starts) == 3
    assert row["bound"].item() == sorted(starts["bound"])[1]
    assert row["equality_error"].item() == sorted(starts["equality_error"])[2]


def test_of_the_factors_only_the_extreme_ones_are_printed():
    table = printed_two_layer(two_layer_frame(factors=(0.25, 0.5, 4.0)), CHOICES).frame
    states = list(table.loc[(table["activation"] == "relu") & (table["attack"] == "none"), "state"])
    assert states == [
        "as trained",
        *(f"{nodes} times {factor}" for factor in ("0.25", "4") for nodes in ("all nodes", "one node")),
    ]


def test_a_network_without_rescalings_says_so():
    table = printed_two_layer(two_layer_frame(), CHOICES).frame
    assert set(table.loc[table["activation"] == "tanh", "state"]) == {"as trained; has no rescaling symmetry"}


def test_solutions_that_are_left_out_are_counted_once_each():
    frame = two_layer_frame(statuses={("relu", 1, 0): "not_fitted", ("tanh", 0, 2): "diverged"})
    assert sorted(left_out(frame).dropna()) == ["diverged", "not fitted"]
    printed = printed_two_layer(frame, CHOICES)
    assert "12 solutions, 2 left out (1 diverged, 1 not fitted)" in printed.note
    table = printed.frame.set_index(["activation", "attack", "state"])
    assert table.loc[("relu", "w1-n100", "as trained"), "number"] == 2


def test_the_text_names_what_was_chosen():
    text = to_markdown(*printed_two_layer(two_layer_frame(), CHOICES))
    assert "40 nodes" in text
    assert "L_S + gamma L_A <= 0.002" in text
    assert "images of 7x7 pixels" in text
    assert text.rstrip().endswith("Data: 9 of 10 training images.")


@pytest.mark.parametrize("replicas", [1, 2])
def test_without_a_fitted_solution_the_table_is_empty(replicas):
    statuses = {("relu", 0, replica): "not_fitted" for replica in range(replicas)}
    frame = two_layer_frame(("relu",), ((0.0, 0),), replicas, statuses=statuses)
    printed = printed_two_layer(frame, CHOICES)
    assert printed.frame.empty
    assert isinstance(printed.frame, pd.DataFrame)
    assert set(MEASURES) <= set(printed.frame.columns)
    assert to_markdown(*printed).count("\n|") == 1
