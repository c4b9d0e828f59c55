"""What the system costs, measured: ``make bench``. Read the figures as ratios of one run; machines differ."""
