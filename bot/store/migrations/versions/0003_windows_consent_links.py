"""windows, consent, links"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite makes a table anew to take a column away.
_NUMBERED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("knocked_at", sa.DateTime(timezone=True), nullable=True))
        # A plain word: for an expression SQLite's table would be made anew, without its numbering.
        batch_op.add_column(sa.Column("holding", sa.Boolean(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("person", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversation_person"), ["person"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delivery", sa.String(length=10), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_platform_id"), ["platform_id"], unique=False)

    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "opened_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_index(batch_op.f("ix_handoff_opened_in"), ["opened_in"], unique=False)
    op.execute("update handoff set opened_in = conversation_id")

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "conversation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("wording", sa.String(length=1000), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "link_code",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "conversation_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_link_code_conversation_id"), ["conversation_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("link_code")
    op.drop_table("consent")
    with op.batch_alter_table("handoff", schema=None, table_kwargs=_NUMBERED) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handoff_opened_in"))
        batch_op.drop_column("opened_in")
    with op.batch_alter_table("outbox", schema=None, table_kwargs=_NUMBERED) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_platform_id"))
        batch_op.drop_column("delivery")
    with op.batch_alter_table("conversation", schema=None, table_kwargs=_NUMBERED) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_person"))
        batch_op.drop_column("person")
        batch_op.drop_column("holding")
        batch_op.drop_column("knocked_at")
        batch_op.drop_column("heard_at")
