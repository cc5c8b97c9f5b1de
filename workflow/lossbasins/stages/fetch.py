"""Raw data of a source, in the common format."""

from lossbasins.specs.fetch import Inputs, Outputs, Spec
from lossbasins.specs.modules import SOURCE, load, module_name
from lossbasins.stages.arrays import write_raw
from lossbasins.stages.context import Context


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001, options name them
    """Loads the source that the specification names; its raw files are recorded."""
    source = load(module_name(SOURCE, spec.source))
    raw = source.load(context.data_dir / spec.source, **spec.options)
    context.sources.extend(raw.files)
    write_raw(outputs.images, raw)
