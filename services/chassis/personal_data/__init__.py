"""Personal data: encrypted field by field, found by blind index, masked by role, every full look written down."""

from services.chassis.mongo import Indexes
from services.chassis.personal_data import audit, vault
from services.chassis.personal_data.audit import Viewer
from services.chassis.personal_data.blind_index import BlindIndex
from services.chassis.personal_data.disclosure import Disclosure, Sealed
from services.chassis.personal_data.masking import Kind, Level, Masking
from services.chassis.personal_data.master_key import MasterKey, PersonalDataSettings
from services.chassis.personal_data.phones import normalise_phone
from services.chassis.personal_data.vault import Erased, Vault

__all__ = [
    "INDEXES",
    "BlindIndex",
    "Disclosure",
    "Erased",
    "Kind",
    "Level",
    "Masking",
    "MasterKey",
    "PersonalDataSettings",
    "Sealed",
    "Vault",
    "Viewer",
    "normalise_phone",
]

INDEXES: Indexes = {**vault.INDEXES, **audit.INDEXES}
"""To `Mongo.prepare` before the first transaction."""
