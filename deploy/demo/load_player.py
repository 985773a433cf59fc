"""What stands between the demo's commands and a service's."""

from typing import Protocol

from deploy.demo.commands import Command
from services.chassis.work import Transaction


class Player(Protocol):
    """Gives the demo's commands to one service."""

    async def play(self, tx: Transaction, command: Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says."""
