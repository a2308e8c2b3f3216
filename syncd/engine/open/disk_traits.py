"""What the mirror's disk can do is remembered, and measured anew when it is another one or a week has passed (RULES 6)."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core.errors import MirrorError
from syncd.engine.context import Context


def know(ctx: Context) -> Context:
    """The context for that disk: where change times lie nothing says that a document has settled but to look twice.

    Raises MirrorError where no document could be placed without the risk of replacing another.
    """
    held = ctx.state.progress.read().disk
    found = ctx.mirror.disk(held, now=ctx.clock.now(), measure=not ctx.settings.dry_run)
    if found.refused:
        raise MirrorError(
            "stop_disk",
            f"The mirror's disk ({found.name or '?'}) has neither renames that refuse, nor links, nor exclusive creation.",
            mend="Put the folders on another file system: no document was touched.",
        )
    if found != held and found.at and not ctx.settings.dry_run:
        with ctx.state.atomic():
            ctx.state.progress.change(disk=found)
            if not found.change_times and (held is None or held.change_times):  # how directories looked says nothing
                for row in ctx.state.clients.all():
                    ctx.state.clients.set_clean(row.id, False)
    return ctx if found.change_times else replace(ctx, settings=replace(ctx.settings, patient=True))
