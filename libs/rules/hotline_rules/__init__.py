"""Calendar, deadlines and quiet hours: pure functions over a rule pack."""
