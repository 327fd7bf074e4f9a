"""The smallest Django project with dj-stripe's webhook view. It runs in an environment of its own: dj-stripe is no
dependency of ours, and nothing here is imported by us."""
