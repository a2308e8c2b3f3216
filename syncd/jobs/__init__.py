"""What runs beside the mirror, on a schedule or asked for: documents come in by other ways than a person's hand, and leave.

A job brings documents into the mirror and leaves the rest to the ordinary pass: one writer, one publisher.
"""
