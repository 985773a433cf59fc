"""`python -m services.training api|worker`."""

from services.chassis.processes.command_line import main
from services.training.app import DEFINITION

main(DEFINITION)
