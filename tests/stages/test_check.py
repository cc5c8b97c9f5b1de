"""What is wrong with a network of one's own is one line before anything trains."""

import json
import re

import numpy as np
import pytest

from lossbasins.data.raw import raw_data
from lossbasins.data.split import make_split
from lossbasins.specs.check import Inputs, Outputs, Spec
from lossbasins.specs.entries import ModelSpec
from lossbasins.specs.split import SplitChoices
from lossbasins.stages import check
from lossbasins.stages.arrays import write_split
from tests.stages.conftest import context

FILE = "studies/mine/models/net.py"
NET = """
import numpy as np
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, length, classes):
        super().__init__()
        self.first, self.last = nn.Conv1d(2, 4, 3), nn.Linear(4, classes)
        {more}

    def forward(self, inputs):
        hidden = self.first(inputs).relu().mean(dim=2)
        return {outputs}

def build(channels, length, classes):
    return Net(length, classes)
"""


def checked(own, tmp_path, text, kind="signals", shape=(2, 9)):
    own(FILE.removesuffix(".py").replace("/", "."), text)
    inputs = (
        np.random.default_rng(0).normal(size=(40, *shape)) if kind == "signals" else np.ones((40, *shape), np.uint8)
    )
    split = make_split(raw_data(kind, "here", inputs, np.arange(40) % 3), SplitChoices(train=12, attack=9), 0)
    write_split(tmp_path / "split.npz", split)
    outputs = Outputs(network=tmp_path / "network.json")
    model = ModelSpec.model_construct(architecture="studies.mine.models.net", options={})
    check.run(Spec(model=model), Inputs(split=tmp_path / "split.npz"), outputs, context())
    return json.loads(outputs.network.read_text())


def net(outputs="self.last(hidden)", more="pass"):
    return NET.format(outputs=outputs, more=more)


def test_a_network_that_fits_is_described(own, tmp_path):
    found = checked(own, tmp_path, net())
    given = {"channels": 2, "length": 9, "classes": 3}
    assert found == {"parameters": 4 * 2 * 3 + 4 + 4 * 3 + 3, "given": given}


BAD = {
    "build for images": (
        net().replace("channels, length,", "channels, height, width,"),
        r"build, given channels 2, length 9, classes 3: TypeError: build\(\) missing 1 required positional argument",
    ),
    "build fails": (net(more="raise RuntimeError('two\\nlines')"), "build, given .*: RuntimeError: two lines"),
    "nothing built": (
        net() + "    # a comment\ndef build(*_):\n    pass",
        "build returns a NoneType; needed: a torch.nn",
    ),
    "other size": (
        net("nn.Linear(5, 3)(hidden)"),
        r"inputs \(4, 2, 9\), in torch.float32, do not go through: RuntimeError",
    ),
    "float32 only": (
        net("self.last(hidden) + torch.ones(4, 4) @ hidden.T.new_ones(4, 3)"),
        r"inputs \(4, 2, 9\), in torch.float64, do not go through: RuntimeError",
    ),
    "number of outputs": (
        net("self.last(hidden)[:, :2]"),
        r"of 4 inputs come \(4, 2\); needed: \(4, 3\), a logit for each",
    ),
    "several outputs": (net("(self.last(hidden), hidden)"), "of 4 inputs come a tuple; needed"),
    "dtype": (net("self.last(hidden).half()"), "of parameters in torch.float32 come outputs in torch.float16"),
    "not finite": (net("self.last(hidden) / 0"), "not all of its outputs are finite"),
    "shared": (
        net("self.last(self.again(hidden))", "self.again = nn.Linear(4, 4); self.third = self.again"),
        "parameters again.weight and third.weight are one; allowed: none that are shared",
    ),
    "unused": (net(more="self.third = nn.Linear(2, 2)"), "the loss does not depend on parameter third.weight"),
    "frozen": (net(more="self.last.bias.requires_grad_(False)"), "parameter last.bias is not to be trained"),
    "lazy": (net(more="self.third = nn.LazyLinear(2)"), "parameter third.weight has no shape yet"),
    "double": (net(more="self.double()"), "parameter first.weight is torch.float64; needed: torch.float32"),
    "none": (net().replace("return Net(length, classes)", "return nn.Identity()"), "the network has no parameters"),
    "dropout": (net("nn.functional.dropout(self.last(hidden), training=self.training)"), "it is random in training"),
    "hardly random": (net("self.last(nn.functional.dropout(hidden, 1e-9, self.training))"), "it is random in training"),
    "tied": (
        net(
            "self.last(self.third(self.again(hidden)))",
            "self.again, self.third = (nn.Linear(4, 4) for _ in 'ab'); self.third.weight.data = self.again.weight.data",
        ),
        "parameters again.weight and third.weight are one; allowed: none that are shared",
    ),
    "other generator": (
        net(more="self.last.bias.data = torch.tensor(np.random.rand(classes), dtype=torch.float32)"),
        "parameter last.bias is not drawn by torch's own generator",
    ),
    "coupled": (net("self.last(hidden - hidden.mean(dim=0))"), "outputs of an input depend on those beside it"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_one_line_that_names_the_file(own, tmp_path, name):
    text, line = BAD[name]
    with pytest.raises(ValueError, match=f"^{re.escape(FILE)}: {line}[^\n]*$"):
        checked(own, tmp_path, text)
    assert not (tmp_path / "network.json").exists()


def test_a_network_for_other_data_is_one_line(own, tmp_path):
    line = r"build, given channels 1, height 8, width 8, classes 3: TypeError: build\(\) takes 3 positional arguments"
    with pytest.raises(ValueError, match=f"^{re.escape(FILE)}: {line}[^\n]*$"):
        checked(own, tmp_path, net(), "images", (8, 8))


def test_it_leaves_torch_s_random_state_alone(own, tmp_path):
    import torch

    torch.manual_seed(0)
    before = torch.get_rng_state()
    checked(own, tmp_path, net())
    assert torch.equal(torch.get_rng_state(), before)
