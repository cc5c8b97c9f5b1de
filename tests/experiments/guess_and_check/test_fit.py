import math

import pytest
import torch

from lossbasins.data.parity import Points
from lossbasins.experiments.guess_and_check.fit import Fit
from lossbasins.experiments.guess_and_check.nets import Nets
from tests.experiments.guess_and_check.tasks import fit

ONE = fit(5)
VECTORS = torch.randn(400, ONE.nets.parameters, generator=torch.Generator().manual_seed(1))


def test_the_first_points_are_taken_in_single_precision():
    points = Points(torch.eye(3, dtype=torch.float64), torch.tensor([[1.0], [-1.0], [1.0]], dtype=torch.float64))
    some = Fit.of(Nets((3, 1)), points, 2)
    assert some.inputs.shape == (2, 3)
    assert some.inputs.dtype == torch.float32
    assert some.targets.tolist() == [1, -1]
    assert len(Fit.of(Nets((3, 1)), points).targets) == 3


def test_losses_are_those_of_a_logistic_regression():
    outputs = ONE.nets.outputs(VECTORS, ONE.inputs)
    classes = (ONE.targets > 0).float().expand_as(outputs)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(outputs, classes, reduction="none").mean(dim=1)
    torch.testing.assert_close(ONE.loss(VECTORS), expected)


def test_a_score_counts_what_is_right_and_then_rises_as_the_normalised_loss_falls():
    scores, right, losses = ONE.score(VECTORS), ONE.correct(VECTORS), ONE.normalised_loss(VECTORS)
    fits = right == 5
    assert 3 < fits.sum() < 397
    assert (scores[~fits] == right[~fits]).all()
    assert (scores[fits] > 5).all()
    assert (scores[fits].argsort() == losses[fits].argsort(descending=True)).all()
    for score, loss in zip(scores[fits].tolist(), losses[fits].tolist(), strict=True):
        assert ONE.score_at(loss) == pytest.approx(score, rel=1e-5)
    assert ONE.score_at(math.log(2)) == 5
