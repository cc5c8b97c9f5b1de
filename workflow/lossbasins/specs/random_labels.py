"""Random labels before the true ones; apart from attacks, so that it concerns no job of a run that has none."""

from pydantic import PositiveInt

from lossbasins.specs.base import Spec


class RandomLabelsSpec(Spec):
    """Training on random labels before that on the true ones, with no attack term (Liu et al. 2019, 1906.02613)."""

    copies: PositiveInt
    """Of each training image, with a tenth of its pixels zeroed and a random label each."""

    @property
    def name(self) -> str:
        """As in paths, beside the names of attacks: such as `random-r4`."""
        return f"random-r{self.copies}"
