// Room match.
