from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoClock",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("offset_seconds", models.BigIntegerField(default=0, verbose_name="超前秒数")),
                ("moved_at", models.DateTimeField(verbose_name="拨动时间（真实时间）")),
                ("moved_by", models.CharField(max_length=200, verbose_name="拨动者")),
            ],
            options={
                "verbose_name": "演示时钟",
                "verbose_name_plural": "演示时钟",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="democlock_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(("offset_seconds__gte", 0)), name="democlock_never_behind"
                    ),
                ],
            },
        ),
    ]
