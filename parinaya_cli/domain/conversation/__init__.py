"""What guests say, in plain words, and what follows from it. Pure: no input, no output."""
