"""`python -m services.recruiting api|worker`."""

from services.chassis.processes.command_line import main
from services.recruiting.app import DEFINITION

main(DEFINITION)
