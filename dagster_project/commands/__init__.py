"""What each command of ``gongkai`` does. One module per command; none imports another."""
