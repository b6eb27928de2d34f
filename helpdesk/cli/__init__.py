"""The command line (INTERFACE section 2): standard output holds results and nothing else."""
