"""Amazon Polly: speech and its marks, voices, lexicons, stored speech."""
