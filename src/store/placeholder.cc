// Room store.
