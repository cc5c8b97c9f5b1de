import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective


def model():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).eval()


def inputs(samples=5):
    return torch.ones(samples, 3)


def targets(samples=5):
    return torch.zeros(samples, dtype=torch.int64)


def half_double():
    net = model()
    net[2].double()
    return net


def elsewhere():
    net = model()
    net[2].to("meta")
    return net


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((model(), inputs(0), targets(0)), ValueError, "inputs are empty"),
        ((model(), inputs(), targets(4)), ValueError, "5 inputs, but 4 targets"),
        ((model(), inputs() * torch.nan, targets()), ValueError, "loss is nan"),
        ((model().train(), inputs(), targets()), ValueError, r"call model.eval\(\)"),
        ((nn.ReLU().eval(), inputs(), targets()), ValueError, "no parameters"),
        ((half_double(), inputs(), targets()), TypeError, "mixed dtypes: .*float32.*float64"),
        ((model(), inputs().double(), targets()), TypeError, "mixed dtypes: .*float64.*inputs"),
        ((elsewhere(), inputs(), targets()), TypeError, "mixed devices: .*meta"),
        ((model(), inputs().long(), targets()), TypeError, "inputs of torch.int64"),
        ((model().half(), inputs().half(), targets()), TypeError, "float32 or float64"),
        ((model(), inputs(), targets().float()), TypeError, "int64 class indices"),
        ((model(), inputs(), targets() + 2), ValueError, "the model has 2 outputs"),
        ((model(), inputs(), targets(), "mse"), TypeError, "mse needs targets like"),
        ((model(), inputs(), targets(), "hinge"), ValueError, "'cross_entropy', 'mse'"),
    ],
)
def test_one_clear_error_for_each_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        Objective(*arguments)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_value_is_the_mean_loss_of_torch(loss):
    torch.manual_seed(0)
    net = model()
    data = torch.randn(300, 3)
    wanted = torch.randint(0, 2, (300,)) if loss == "cross_entropy" else torch.randn(300, 2)
    function = nn.CrossEntropyLoss() if loss == "cross_entropy" else nn.MSELoss()
    assert Objective(net, data, wanted, loss).value == pytest.approx(function(net(data), wanted).item(), rel=1e-5)


def test_the_model_is_left_alone():
    net = model()
    before = [parameter.clone() for parameter in net.parameters()]
    Objective(net, inputs(), targets())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
