"""What all tests share. Services: tests/plugins/services.py; database: tests/plugins/database.py; browser:
tests/plugins/browser.py; guards: tests/plugins/guards.py."""

pytest_plugins = ["tests.plugins.database", "tests.plugins.browser", "tests.plugins.guards"]
