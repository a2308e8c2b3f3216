"""Mail over SMTP. What goes out lies in the state's outbox until a server took it."""
