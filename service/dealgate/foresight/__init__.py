"""What a change of rules would have done: recorded questions decided again."""
