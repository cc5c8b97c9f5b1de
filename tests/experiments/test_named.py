import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbasins.configuration.reading import read_configuration
from lossbasins.experiments.named import Grid, landscapes, names_in, parse_attack
from tests.configurations import RUN, default


@given(weight=st.floats(1e-6, 1e6), size=st.integers(1, 10**6))
def test_an_attack_is_read_back_from_its_name(weight, size):
    name = f"w{weight:.3f}-n{size}" if weight >= 1e-3 else f"w{weight:.0e}-n{size}"
    attack = parse_attack(name)
    assert parse_attack(attack.name) == attack


@pytest.mark.parametrize("copies", [1, 4, 100])
def test_random_labels_are_read_back_from_their_name(copies):
    found = parse_attack(f"random-r{copies}")
    assert (found.copies, found.name) == (copies, f"random-r{copies}")


@pytest.mark.parametrize(
    "name",
    [
        "random",
        "random-r0",
        "random-r-1",
        "random-r4x",
        "",
        "w1",
        "w0-n3",
        "w1-n0",
        "w-1-n3",
        "w1e400-n3",
        "w1-n3 ",
        "None",
    ],
)
def test_what_is_no_attack_is_an_error_that_says_how_they_are_called(name):
    with pytest.raises(ValueError, match=r"allowed: none, a weight and a size above zero as in w0\.1-n400, or copies"):
        parse_attack(name)


def test_a_grid_is_every_combination_the_last_key_first():
    grid = Grid(**RUN | {"optimizer": ("sgd", "adam"), "attack": ("none", "w2-n3")})
    found = [(run.optimizer, run.attack.name if run.attack else "none") for run in grid.runs()]
    assert found == [("sgd", "none"), ("sgd", "w2-n3"), ("adam", "none"), ("adam", "w2-n3")]
    assert grid.model == ("mlenet",)
    assert landscapes([grid, Grid(**RUN | {"model": ("a", "b")})]) == ["digits/a", "digits/b", "digits/mlenet"]


def test_names_of_entries_are_found_at_their_keys():
    experiments = read_configuration(default()).experiments
    chosen = default()["experiments"]
    (case,) = chosen["initialization"]["cases"]
    assert list(names_in(experiments.initialization)) == [
        (("cases", "0", "dataset"), "datasets", (case["dataset"],)),
        (("cases", "0", "model"), "models", (case["model"],)),
        (("cases", "0", "optimizer"), "optimizers", (case["optimizer"],)),
        (("cases", "0", "inits"), "inits", tuple(case["inits"])),
    ]
    found = {given.place[-1]: given for given in reversed(list(names_in(experiments.polish)))}
    assert set(found) == {"point", "dataset", "model", "init", "optimizer", "attack"}
    assert found["point"] == (("point",), "polish", ("matched",))
    assert found["attack"] == (("runs", "0", "attack"), "attacks", tuple(chosen["polish"]["runs"][0]["attack"]))
    without = experiments.volumes["volume"].model_copy(update={"matched": None})
    assert "polish" not in {given.entries for given in names_in(without)}
