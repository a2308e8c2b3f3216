"""Real Chromium at the real portal: what people see and do."""
