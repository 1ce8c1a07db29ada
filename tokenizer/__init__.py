"""Train a tokenizer, encode and decode without loss, render conversations."""
