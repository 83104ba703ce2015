"""What is kept: models, migrations, and the only queries there are."""
