from tests.stages.conftest import split_path, trained

__all__ = ["split_path", "trained"]
