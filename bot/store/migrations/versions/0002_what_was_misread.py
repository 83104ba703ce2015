"""what was misread"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "misread",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("offered", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("misread", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_misread_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("misread", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_misread_at"))

    op.drop_table("misread")
