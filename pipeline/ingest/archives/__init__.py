"""Files that hold other files: archives, and messages with attachments."""
