"""What was said in a recording, from the speech-to-text service's answer to the documents that jobs keep."""
