"""The configuration: one TOML file, read whole, checked whole, and every finding told at once (INTERFACE 1).

Knows the model and libraries only; the composition root turns it into the settings of the edges.
"""

from helpdesk.config.errors import ConfigError
from helpdesk.config.load import Config
from helpdesk.config.new import write_new
from helpdesk.config.secrets import load_or_make_secret

__all__ = ["Config", "ConfigError", "load_or_make_secret", "write_new"]
