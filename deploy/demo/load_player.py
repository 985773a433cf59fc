"""What stands between the demo's commands and a service's."""

from datetime import datetime

from deploy.demo.commands import Command
from services.chassis.work import Transaction


class Player:
    """Gives the demo's commands to one service."""

    async def begin(self, tx: Transaction) -> None:
        """An attempt at a transaction begins; memory is as the last one left it."""

    async def wait(self, tx: Transaction, until: datetime) -> None:
        """Do what falls due up to this moment, each at its own."""

    async def play(self, tx: Transaction, command: Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says."""
        raise NotImplementedError
