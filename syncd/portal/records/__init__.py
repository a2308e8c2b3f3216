"""What is written beside every change: the feed, the audit, former places, mail to send; and many rows at once."""
