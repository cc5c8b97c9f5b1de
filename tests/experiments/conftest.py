from tests.stages.conftest import split_path

__all__ = ["split_path"]
