"""What the files define together: modules, classes, functions and how module names resolve."""
