"""What `make run`, `make test` and manage.py need on a newcomer's machine: keys, PostgreSQL, broker, supervisor.

Nothing here is used in production, and nothing here imports Django.
"""
