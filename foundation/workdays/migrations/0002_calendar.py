"""The workdays of 2024–2027."""

from django.db import migrations

from foundation.workdays import seed


def fill(apps, schema_editor):
    seed.fill(
        apps.get_model("workdays", "Calendar").objects.using(schema_editor.connection.alias),
        apps.get_model("workdays", "Workday").objects.using(schema_editor.connection.alias),
    )


class Migration(migrations.Migration):
    dependencies = [("workdays", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
