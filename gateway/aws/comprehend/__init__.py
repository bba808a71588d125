"""Amazon Comprehend: sentiment, emotions as classes, languages."""
