from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("apr", "0012_trials"),
    ]

    operations = [
        migrations.AddField(
            model_name="knownpair",
            name="rows",
            field=models.JSONField(null=True),
        ),
    ]
