"""What a command does, without the command: no option is read here, and nothing is put on a screen."""
