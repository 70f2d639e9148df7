"""What hangs at the door: a poster, a sheet of stickers, a picture; each with the QR code of a home or a room."""
