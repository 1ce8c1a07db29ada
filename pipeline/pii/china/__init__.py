"""Personal data in the forms of mainland China, Hong Kong, Macao and Taiwan."""
