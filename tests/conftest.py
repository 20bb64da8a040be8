"""What all tests share. Services and browser: tests/plugins/services.py; guards: tests/plugins/guards.py."""

pytest_plugins = ["tests.plugins.guards"]
