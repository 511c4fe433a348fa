"""Words and rules: the standard library and phonenumbers, nothing else of the house."""
