"""Meta's Cloud API: requests, answers, signatures, webhooks.

``client`` is the one place that speaks to the Graph API; ``payloads`` turns values into its JSON and
``templates``, ``envelope``, ``content`` and ``parsing`` turn its JSON into values; ``errors`` turns its codes
into families and its answers into outcomes; ``signature`` checks who sent a webhook.
"""
