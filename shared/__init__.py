"""What every container of Timbre shares."""
