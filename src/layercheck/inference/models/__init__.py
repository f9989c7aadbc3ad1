"""What the interpreter knows of code outside the program: the standard library and the frameworks."""
