"""The WhatsApp stand-in: a local server that behaves as Meta's Cloud API does, with simulated guests."""
