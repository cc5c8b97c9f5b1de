from tests.workflow.conftest import finished

__all__ = ["finished"]
