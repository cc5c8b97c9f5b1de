"""The models that `curvature.py` measures, for images (n, 1, 28, 28) of ten classes."""

from torch import nn

from lossbasins.models import mlenet
from lossbasins.models.residual import projection, residual_network


class MeanOverTokens(nn.Module):
    """The average of a sequence."""

    def forward(self, inputs):
        """From (n, tokens, features) to (n, features)."""
        return inputs.mean(1)


def transformer():
    """Two encoder layers of two heads on the 14 rows of an image of half the size: 4,858 parameters."""
    return nn.Sequential(
        nn.AvgPool2d(2),
        nn.Flatten(1, 2),
        nn.Linear(14, 16),
        *(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True) for _ in range(2)),
        MeanOverTokens(),
        nn.Linear(16, 10),
    )


def resnet():
    """Two residual blocks with batch norm, of 6 and 12 channels: 2,956 parameters."""
    return residual_network((1, 28, 28), 10, blocks=(1, 1), base=6, shortcut=projection)


MODELS = {"mlenet": lambda: mlenet.build(1, 28, 28, 10), "transformer": transformer, "resnet": resnet}
