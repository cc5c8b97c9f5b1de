"""The base of every specification."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """An immutable, typed value that names all that determines a result; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    def modules(self) -> frozenset[str]:
        """Dotted names of the modules that this value names, besides what its stage imports anyway."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return frozenset().union(*(value.modules() for value in values if isinstance(value, Spec)))
