"""What a run has made, in the formats of other tools."""
