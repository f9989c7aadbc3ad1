"""What a finding, a rule and a view are, and the catalogue of all rules."""
