import pytest
from pydantic import ValidationError

from lossbasins.specs.entries import ModelSpec, OptimizerSpec
from lossbasins.specs.measure import MeasureSpec
from lossbasins.specs.modules import (
    ARCHITECTURE,
    MEASURE,
    METHOD,
    SOURCE,
    checked_options,
    choices,
    constants,
    full_name,
    load,
    module_name,
    path_of,
)

DEEP = """
DEPTH = 3
WIDTH = DEPTH * 2

def build(channels: int, height: int, width: int, classes: int, *, units: int = 16, deep: bool = False):
    return DEPTH, units
"""


def test_modules_are_found_by_the_factory_that_they_define():
    assert {"fnn", "mlenet"} <= set(choices(ARCHITECTURE))
    assert "registry" not in choices(ARCHITECTURE)
    assert set(choices(METHOD)) == {"adam", "lbfgs", "momentum", "rmsprop", "sgd"}
    assert set(choices(SOURCE)) == {"cifar10", "digits", "mnist", "npz", "svhn"}
    assert {"spectrum", "frobenius"} <= set(choices(MEASURE))
    assert "solution" not in choices(MEASURE)


def test_defaults_are_filled_in():
    assert checked_options(ARCHITECTURE, "mlenet", {}) == {"widths": [6, 15]}
    assert ModelSpec(architecture="mlenet").options == {"widths": [6, 15]}


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"momentun": 0.9}, "momentun: unknown; options: momentum, nesterov, weight_decay"),
        ({"momentum": "much"}, "momentum: input should be a valid number; options: momentum"),
        ({"nesterov": 1}, "nesterov: input should be a valid boolean"),
    ],
)
def test_wrong_options_are_an_error_at_their_key(options, wrong):
    with pytest.raises(ValidationError) as caught:
        OptimizerSpec(method="momentum", learning_rate=0.1, epochs=1, options=options)
    (error,) = caught.value.errors()
    assert error["loc"] == ("options",)
    assert error["msg"].startswith(wrong)


def test_a_spec_names_the_modules_behind_it():
    optimizer = OptimizerSpec(method="adam", learning_rate=0.1, epochs=1)
    assert optimizer.modules() == {"lossbasins.training.optimizers.adam"}


def test_names_of_ones_own_become_dotted_where_a_validation_says_where_they_lie(own):
    own("mine.models.deep", DEEP)
    assert choices(ARCHITECTURE, "mine") == (*choices(ARCHITECTURE), "deep")
    context = {"own": "mine"}
    ours, mine = (ModelSpec.model_validate({"architecture": name}, context=context) for name in ("fnn", "deep"))
    assert ours.modules() == {"lossbasins.models.fnn"}
    assert (mine.architecture, mine.options) == ("mine.models.deep", {"units": 16, "deep": False})
    assert mine.modules() == {"mine.models.deep"}
    # A job has the name in full, and no context.
    assert ModelSpec.model_validate_json(mine.model_dump_json()) == mine
    assert load(mine.architecture).build(1, 2, 2, 3, **mine.options) == (3, 16)


def test_wrong_options_of_ones_own_are_errors_too(own):
    own("mine.models.deep", DEEP)
    with pytest.raises(ValidationError, match="unit: unknown; options: units, deep"):
        ModelSpec(architecture="mine.models.deep", options={"unit": 3})


@pytest.mark.parametrize("name", ["deep", "mine.models.shallow", "mine.models", "lossbasins.models.registry"])
def test_names_without_a_file_and_its_function_are_errors_that_list_what_there_is(own, name):
    own("mine.models.deep", DEEP)
    with pytest.raises(ValidationError) as caught:
        ModelSpec(architecture=name)
    (error,) = caught.value.errors()
    assert error["loc"] == ("architecture",)
    assert error["msg"] == f"allowed: {', '.join(choices(ARCHITECTURE))}"
    with pytest.raises(ValidationError, match=f"{choices(ARCHITECTURE)[-1]}, deep"):
        ModelSpec.model_validate({"architecture": "shallow"}, context={"own": "mine"})


def test_a_name_is_a_file_of_the_package_or_where_its_dots_say(own, tmp_path):
    own("mine.models.deep", DEEP)
    assert module_name(ARCHITECTURE, "fnn") == "lossbasins.models.fnn"
    assert path_of("lossbasins.models.fnn").is_file()
    assert (
        full_name(ARCHITECTURE, "deep", "mine") == module_name(ARCHITECTURE, "mine.models.deep") == "mine.models.deep"
    )
    assert path_of("mine.models.deep").resolve() == tmp_path / "mine/models/deep.py"
    assert full_name(ARCHITECTURE, "deep", None) is None


def test_constants_are_the_literals_of_a_file(own):
    own("mine.models.deep", DEEP)
    assert constants(ARCHITECTURE, "mine.models.deep") == {"DEPTH": 3}
    assert constants(MEASURE, "spectrum")["ARRAYS"] == ("eigenvalues",)


def test_an_option_that_needs_another_says_so():
    options = {"method": "finite_difference"}
    with pytest.raises(ValidationError, match="method finite_difference needs precision: float64"):
        MeasureSpec(name="frobenius", options=options, precision="float32")
    assert MeasureSpec(name="frobenius", options=options, precision="float64").options["probes"] == 20
    assert MeasureSpec(name="frobenius", precision="float32").options["method"] == "deflated"


def test_a_measure_of_ones_own_may_say_what_its_options_need(own):
    own(
        "mine.measures.toy",
        """
PRECISION = "float32"
NEEDS = {("exact", True): ("rounds", 1)}

def measure(solution, *, exact: bool = False, rounds: int = 5):
    pass
""",
    )
    with pytest.raises(ValidationError, match="exact True needs rounds: 1"):
        MeasureSpec(name="mine.measures.toy", options={"exact": True}, precision="float32")
    chosen = MeasureSpec(name="mine.measures.toy", options={"exact": True, "rounds": 1}, precision="float32")
    assert chosen.modules() == {"mine.measures.toy"}
