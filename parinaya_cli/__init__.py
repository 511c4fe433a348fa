"""parinaya: guest lists, invitations over WhatsApp and answers for Indian weddings."""

__version__ = "0.1.0"
