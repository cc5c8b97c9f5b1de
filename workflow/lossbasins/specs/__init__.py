"""What each stage takes: one module per stage, of the same name, with its `Spec`, its `Inputs` and its `Outputs`.

Nothing here imports a heavy library, so that planning a study costs milliseconds.
"""
