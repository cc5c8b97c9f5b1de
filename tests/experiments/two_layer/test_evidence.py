import pandas as pd

from lossbasins.experiments.two_layer.evidence import two_layer_bound, two_layer_equality


def test_two_layer_claims_are_about_the_worst_solution():
    table = pd.DataFrame(
        {
            "status": ["ok", "ok", "diverged"],
            "equality_error": [1e-16, 3e-15, 1.0],
            "input_gradient": [1.0, 3.0, 9.0],
            "bound": [10.0, 4.0, 1.0],
        }
    )
    assert two_layer_equality(table, 0.95)[0].high == 3e-15
    assert two_layer_bound(table, 0.95)[0].high == 0.75
