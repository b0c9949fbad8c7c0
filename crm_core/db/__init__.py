"""SQLAlchemy: models, repositories, unit of work, migrations. Nothing else imports it."""
