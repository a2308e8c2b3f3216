"""What a cabinet's engine is told and tells, and what people see of it."""
