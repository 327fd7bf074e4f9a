from accounting.models.backfill import Backfill, Clash
from accounting.models.conflict import Conflict
from accounting.models.connection import ConnectAttempt, Connection
from accounting.models.dry_run import Decision, DryRun
from accounting.models.event import SyncEvent
from accounting.models.exemption import Exemption
from accounting.models.grant import Grant
from accounting.models.lesson import Lesson
from accounting.models.link import Link
from accounting.models.mail import MailChoice, MailRule
from accounting.models.mapping import (
    Mapping,
    PaymentMapping,
    ServiceMapping,
    TaxMapping,
    TrackingMapping,
)
from accounting.models.newcomer import Newcomer, NewcomerRule
from accounting.models.operation import Batch, Operation, held, unpaused
from accounting.models.problem import Problem
from accounting.models.reference import RemoteAccount, RemoteTaxRate, RemoteTrackingOption
from accounting.models.statement import Statement, StatementDifference
from accounting.models.usage import Usage

__all__ = [
    "Backfill",
    "Batch",
    "Clash",
    "Conflict",
    "ConnectAttempt",
    "Connection",
    "Decision",
    "DryRun",
    "Exemption",
    "Grant",
    "Lesson",
    "Link",
    "MailChoice",
    "MailRule",
    "Mapping",
    "Newcomer",
    "NewcomerRule",
    "Operation",
    "PaymentMapping",
    "Problem",
    "RemoteAccount",
    "RemoteTaxRate",
    "RemoteTrackingOption",
    "ServiceMapping",
    "Statement",
    "StatementDifference",
    "SyncEvent",
    "TaxMapping",
    "TrackingMapping",
    "Usage",
    "held",
    "unpaused",
]
