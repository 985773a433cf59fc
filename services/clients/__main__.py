"""`python -m services.clients api|worker`."""

from services.chassis.processes.command_line import main
from services.clients.app import DEFINITION

main(DEFINITION)
