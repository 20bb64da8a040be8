"""What all tests share. Services and browser: tests/plugins/services.py."""
