"""The outside: WhatsApp, the queue, files, the embedded servers."""
