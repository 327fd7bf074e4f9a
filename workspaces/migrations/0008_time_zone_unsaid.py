from django.db import migrations, models

import workspaces.zones


def forget_default(apps, schema_editor):
    """UTC was what every workspace began with; nobody has said it."""
    apps.get_model("workspaces", "Workspace").objects.filter(time_zone="UTC").update(time_zone="")


def name_default(apps, schema_editor):
    apps.get_model("workspaces", "Workspace").objects.filter(time_zone="").update(time_zone="UTC")


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0007_invitations")]

    operations = [
        migrations.AlterField(
            model_name="workspace",
            name="time_zone",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where its people are, such as Pacific/Auckland: it decides which day today is. Empty means UTC.",
                max_length=64,
                validators=[workspaces.zones.validate_time_zone],
            ),
        ),
        migrations.RunPython(forget_default, name_default),
    ]
