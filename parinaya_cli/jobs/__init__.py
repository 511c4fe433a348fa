"""What RQ runs: doorbells for rows, never the work itself."""
