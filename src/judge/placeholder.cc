// Room judge.
