"""A column of a SELECT around which another one stands; it has a name and a type, and no table behind it."""

from django.db.models import Expression, Field


class Column(Expression):
    """below.<name>, or <table>.<name>."""

    def __init__(self, name: str, output_field: Field, table: str = "below"):
        super().__init__(output_field)
        self.name, self.table = name, table

    def as_sql(self, compiler, connection):
        return f"{self.table}.{connection.ops.quote_name(self.name)}", []
