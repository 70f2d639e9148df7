"""Pages that need no talk and no sign-in: the check of a certificate, and links to one's own papers."""
