"""Whether this run takes its time: `make test-long` tries what the default run samples."""

import os

LONG = os.environ.get("TEST_LONG") == "1"
