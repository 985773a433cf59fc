"""The words for stages, sources and reasons; gettext ids."""

from services.chassis.errors import N_

STAGES = {
    "listed": N_("Listed"),
    "contacted": N_("Contacted"),
    "first_interview": N_("First interview"),
    "deep_interview": N_("Deep interview"),
    "opportunity_talk": N_("Opportunity talk"),
    "commitment": N_("Commitment"),
    "joined": N_("Joined"),
}
SOURCES = {
    "referral": N_("Referral"),
    "job_board": N_("Job board"),
    "campus": N_("Campus"),
    "walk_in": N_("Walk-in"),
    "campaign": N_("Campaign"),
}
REASONS = {
    "not_interested": N_("Not interested"),
    "income_worries": N_("Worried about income"),
    "family": N_("Family is against it"),
    "other_company": N_("Went to another company"),
    "unreachable": N_("Cannot be reached"),
    "unsuitable": N_("Not suitable"),
}
CHECKLIST = {
    "identity": N_("Identity card"),
    "education": N_("Education certificate"),
    "photo": N_("Photo"),
    "licence": N_("Licence"),
}
HAPPENED = {
    "candidate-registered": N_("Registered"),
    "candidate-advanced": N_("Moved to %(stage)s"),
    "candidate-lost": N_("Given up: %(reason)s"),
}
