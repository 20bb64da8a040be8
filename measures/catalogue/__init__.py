"""The catalogue as it is shipped: data files, what reads them, and what brings them into the database.

The data state facts and our own summaries; the official wording enters the database by import_policy only.
"""
