from django.db import migrations, models

import workspaces.zones


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="time_zone",
            field=models.CharField(
                default="UTC",
                help_text="Where its people are, such as Pacific/Auckland: it decides which day today is.",
                max_length=64,
                validators=[workspaces.zones.validate_time_zone],
            ),
        ),
    ]
