// Room render.
