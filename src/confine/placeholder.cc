// Room confine.
