// Room code.
