from tests.applications.conftest import monday

__all__ = ["monday"]
