import pytest
from pydantic import ValidationError

from lossbasins.specs.entries import ModelSpec, OptimizerSpec
from lossbasins.specs.modules import ARCHITECTURE, METHOD, SOURCE, checked_options, choices


def test_modules_are_found_by_the_factory_that_they_define():
    assert {"fnn", "mlenet"} <= set(choices(ARCHITECTURE))
    assert "registry" not in choices(ARCHITECTURE)
    assert set(choices(METHOD)) == {"adam", "lbfgs", "momentum", "rmsprop", "sgd"}
    assert set(choices(SOURCE)) == {"cifar10", "digits", "mnist", "npz", "svhn"}


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
