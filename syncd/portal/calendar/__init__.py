"""The fiscal calendar: legal due dates from rules that are data, what the cabinet and the company add, who is told of it."""
