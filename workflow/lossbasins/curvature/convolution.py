"""Convolutions."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.grad import conv2d_input, conv2d_weight
from typing_extensions import override

from lossbasins.curvature.dense import Dense
from lossbasins.curvature.layers import Layer, with_bias
from lossbasins.curvature.operations import ChannelwiseLinear, State
from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


class Convolution(Layer):
    """A two-dimensional convolution with zero padding, on (n, channels, height, width)."""

    def __init__(
        self,
        parameters: LayerParameters,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
    ) -> None:
        super().__init__(parameters)
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
        self.dilation = dilation

    @override
    def run(self, *inputs: Tensor) -> tuple[Tensor, State]:
        """The state is the patches of the input, with a one for the bias: (n, columns, height, width of the output)."""
        output = F.conv2d(inputs[0], self.weight, self.bias, self.stride, self.padding, self.dilation)
        if self.parameters.width:
            patches = self.unfold(inputs[0]).reshape(len(output), -1, *output.shape[2:])
        else:  # they would cost as much as the convolution
            patches = output.new_empty(len(output), 0, *output.shape[2:])
        return output, (with_bias(patches, self.parameters, dim=1),)

    def patch_pool(self, image: torch.Size, pool: ChannelwiseLinear | None) -> ChannelwiseLinear:
        """For one place of output, the map from each channel of an image to its patch, or to the patches' pool.

        Args:
            image: height and width of the input.
            pool: a linear pool of all places into one, or None if there is but one place.
        """
        basis = torch.eye(image.numel(), dtype=self.weight.dtype, device=self.weight.device)
        patches = self.unfold(basis.reshape(-1, 1, *image))
        if pool is not None:
            places = F.conv2d(
                basis.reshape(-1, 1, *image), self.weight[:1, :1], None, self.stride, self.padding, self.dilation
            )
            patches = pool.function(patches.reshape(*patches.shape[:2], *places.shape[2:]))
        matrix = patches.flatten(1)
        return ChannelwiseLinear(lambda values: (values.flatten(2) @ matrix).flatten(1))

    def dense(self) -> Dense:
        """The layer that this convolution is on such patches."""
        return Dense(self.parameters, self.weight.flatten(1), self.bias, space=(1, 1))

    def unfold(self, values: Tensor) -> Tensor:
        """What each output place sees: (n, channels * kernel, places)."""
        return F.unfold(values, self.weight.shape[2:], self.dilation, self.padding, self.stride)

    @override
    def pull(self, signal: Tensor, state: State, *inputs: Tensor) -> list[Tensor]:
        """The transposed convolution."""
        k, n = signal.shape[:2]
        shape = torch.Size((k * n, *inputs[0].shape[1:]))
        pulled: Tensor = conv2d_input(  # type: ignore[no-untyped-call]
            shape, self.weight, signal.flatten(0, 1), self.stride, self.padding, self.dilation
        )
        return [pulled.reshape(k, n, *inputs[0].shape[1:])]

    @override
    def push(self, tangent: Tangent, state: State, source: int) -> Tangent:
        """A convolution of each tangent; diagonal ones stay apart by channel until then.

        One convolution for each channel is several times faster on a CPU than one with groups.
        """
        values = tangent.full()
        n, q, channels = values.shape[:3]
        settings = None, self.stride, self.padding, self.dilation
        if tangent.diagonal:
            images = [
                F.conv2d(values[:, :, c : c + 1].flatten(0, 1), self.weight[:, c : c + 1], *settings)
                for c in range(channels)
            ]
            image = torch.stack([image.reshape(n, q, *image.shape[1:]) for image in images], dim=1)
        else:
            image = F.conv2d(values.flatten(0, 1), self.weight, *settings)
        out = len(self.weight)
        image = image.reshape(n, -1, out, *image.shape[-2:])
        return Tangent(image, out, diagonal=False, factor=tangent.factor)

    @override
    def rows(self, signal: Tensor, state: State) -> Tensor:
        """Signals times patches, summed over places."""
        k, n, channels = signal.shape[:3]
        product = signal.flatten(3).transpose(0, 1).reshape(n, k * channels, -1) @ state[0].flatten(2).transpose(1, 2)
        return product.reshape(n, k, channels, -1)

    @override
    def start(self, state: State) -> Tangent:
        """Channels share the patches."""
        return Tangent(state[0][:, :, None], self.parameters.channels, diagonal=True)

    @override
    def cross(
        self, signal: Tensor, tangent: Tangent, state: State, source: LayerParameters, total: SymmetricMatrix
    ) -> None:
        """A weight gradient with the tangents in the place of channels."""
        values = tangent.expanded().full()
        q, channels = values.shape[1:3]
        block = self._weight_gradient(signal, values, q * channels).reshape(-1, q, channels, self.weight[0, 0].numel())
        if tangent.diagonal:
            total.add_diagonal(source, self.parameters, block.transpose(0, 1))
        else:
            rows = block.transpose(0, 1).reshape(source.channels, source.columns, -1)
            total.add_rows(source, self.parameters, rows)

    def _weight_gradient(self, signal: Tensor, values: Tensor, channels: int) -> Tensor:
        """Sum over samples and places of signal times patches of the values, (out, channels, kernel)."""
        if values.dtype == torch.float32:
            size = torch.Size((signal.shape[1], channels, *self.weight.shape[2:]))
            gradient: Tensor = conv2d_weight(  # type: ignore[no-untyped-call]
                values.flatten(1, 2), size, signal, self.stride, self.padding, self.dilation
            )
            return gradient.flatten(2)
        # In float64 it is quicker to unfold the signal, which is small, and multiply.
        spread = self._spread(signal, values.shape[3:])
        out, kernel = spread.shape[1:3]
        if values.is_cuda:  # one product keeps a GPU busy; on a CPU the copies that it needs cost more than the loop
            rows = values.reshape(len(values), channels, -1).transpose(0, 1).flatten(1)
            total = rows @ spread.flatten(1, 2).transpose(0, 1).flatten(1).T
            return total.reshape(channels, out, kernel).transpose(0, 1)
        total = values.new_zeros(channels, out * kernel)
        for sample, patches in zip(values, spread, strict=True):
            total.addmm_(sample.reshape(channels, -1), patches.flatten(0, 1).T)
        return total.reshape(channels, out, kernel).transpose(0, 1)

    def _spread(self, signal: Tensor, image: torch.Size) -> Tensor:
        """The signal (n, out, height, width) seen from the places of the input image, (n, out, kernel, places)."""
        geometry = zip(image, self.weight.shape[2:], self.stride, self.padding, self.dilation, strict=True)
        fine, reach = [], []
        for size, kernel, _, padding, dilation in geometry:
            fine.append(size + 2 * padding - dilation * (kernel - 1))
            reach.append(dilation * (kernel - 1) - padding)
        dilated = signal.new_zeros(*signal.shape[:2], *fine)
        dilated[:, :, :: self.stride[0], :: self.stride[1]] = signal
        padded = F.pad(dilated, (reach[1], reach[1], reach[0], reach[0]))
        patches = F.unfold(padded, self.weight.shape[2:], self.dilation)
        return patches.reshape(*signal.shape[:2], self.weight[0, 0].numel(), -1).flip(2)
