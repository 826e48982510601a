"""What gates share: reasons for and against, approvals, and the ruling they come to."""
