"""What routing decides, without input or output."""
