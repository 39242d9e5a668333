"""What followup decides, without input or output."""
