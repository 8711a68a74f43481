"""The English grammar of the rules segmenter, from words to ordered sentences."""
