"""The base of every specification."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """An immutable, typed value that names all that determines a result; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def modules(self) -> frozenset[str]:
        """Dotted names of the modules that this value names, besides what its stage imports anyway."""
        values = [getattr(self, name) for name in type(self).model_fields]
        parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
        return frozenset().union(*(part.modules() for part in parts if isinstance(part, Spec)))
