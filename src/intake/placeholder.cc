// Room intake.
