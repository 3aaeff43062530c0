"""The pages, one file each: `show(ctx)` draws it."""
