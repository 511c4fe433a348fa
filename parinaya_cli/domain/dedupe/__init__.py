"""Which rows of the lists are one person, and which live together. Pure: no input, no output.

The rooms in their order: ``normalise`` (a record becomes an entry), ``block`` (which entries are worth
comparing), ``compare`` (two entries become signals), ``score`` (signals become a probability), ``cluster``
(pairs become people), ``explain`` (signals become words); ``households`` groups people; ``scan`` does all.
"""
