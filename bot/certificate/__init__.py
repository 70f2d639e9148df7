"""The certificate as people get it: a picture for the phone and a PDF to print."""
