"""The pages about the books: connecting, choosing, watching, deciding."""

from __future__ import annotations

from django.urls import path

from accounting.views import (
    activity,
    conflict_bulk,
    conflicts,
    connection,
    dry_run,
    fixes,
    mapping,
    pairs,
    problems,
    records,
    statement,
    taking_back,
    unmatched,
    unsent,
)

app_name = "accounting"
urlpatterns = [
    path("", connection.settings, name="settings"),
    path("connect/", connection.connect, name="connect"),
    path("connect/<uuid:connect_attempt_id>/", connection.choose, name="choose"),
    path("try-now/", connection.try_now, name="try_now"),
    path("test/", connection.test, name="test"),
    path("refresh-token/", connection.refresh_token, name="refresh_token"),
    path("disconnect/", connection.disconnect, name="disconnect"),
    path("xero/", mapping.mapping, name="mapping"),
    path("xero/lists/", mapping.refresh_lists, name="refresh_lists"),
    path("xero/lists/age/", mapping.lists_age, name="lists_age"),
    path("activity/", activity.activity, name="activity"),
    path("activity/csv/", activity.activity_csv, name="activity_csv"),
    path("problems/", problems.problems, name="problems"),
    path("problems/retry/", problems.retry_all, name="retry_all"),
    path("problems/<int:operation_id>/retry/", problems.retry, name="retry"),
    path("problems/<uuid:problem_id>/", problems.problem, name="problem"),
    path("problems/<uuid:problem_id>/retry/", problems.retry_alike, name="retry_alike"),
    path("problems/<uuid:problem_id>/fix/", fixes.fix, name="fix"),
    path("out-of-sync/", conflicts.conflicts, name="conflicts"),
    path("out-of-sync/decide/", conflict_bulk.decide_many, name="decide_many"),
    path("out-of-sync/take-back/", taking_back.take_back, name="take_back_decisions"),
    path("out-of-sync/<uuid:conflict_id>/", conflicts.conflict, name="conflict"),
    path("agreement/", statement.statement, name="statement"),
    path("agreement/csv/", statement.statement_csv, name="statement_csv"),
    path("agreement/prove/", statement.prove_now, name="prove_now"),
    path("agreement/<uuid:difference_id>/settle/", statement.settle, name="settle_difference"),
    path("out-of-sync/<uuid:conflict_id>/result/", conflicts.conflict_result, name="conflict_result"),
    path("never-sent/", unsent.unsent, name="unsent"),
    path("never-sent/send/", unsent.send, name="send_unsent"),
    path("born-in-xero/", unmatched.born_there, name="unmatched"),
    path("born-in-xero/decide/", unmatched.decide_newcomers, name="decide_newcomers"),
    path("born-in-xero/<uuid:newcomer_id>/", unmatched.newcomer, name="newcomer"),
    path("dry-run/", dry_run.dry_run, name="dry_run"),
    path("dry-run/start/", dry_run.start, name="start_dry_run"),
    path("dry-run/decide/", dry_run.decide, name="decide_dry_run"),
    path("dry-run/confirm/", dry_run.confirm, name="confirm_dry_run"),
    path("dry-run/pause/", dry_run.pause, name="pause_dry_run"),
    path("dry-run/resume/", dry_run.resume, name="resume_dry_run"),
    path("dry-run/cancel/", dry_run.cancel, name="cancel_dry_run"),
    path("dry-run/csv/", dry_run.dry_run_csv, name="dry_run_csv"),
    path("records/<str:kind>/<uuid:local_id>/", records.record_status, name="record_status"),
    path("records/<str:kind>/<uuid:local_id>/badge/", records.badge, name="badge"),
    path("records/<str:kind>/<uuid:local_id>/send/", records.send_now, name="send_now"),
    path("records/<str:kind>/<uuid:local_id>/retry/", records.retry_record, name="retry_record"),
    path("records/<str:kind>/<uuid:local_id>/pair/", pairs.pair, name="pair"),
    path("records/<str:kind>/<uuid:local_id>/link/", pairs.link, name="link"),
    path("records/<str:kind>/<uuid:local_id>/unlink/", pairs.unlink, name="unlink"),
    path("records/<str:kind>/<uuid:local_id>/ignore/", pairs.ignore, name="ignore"),
    path("records/<str:kind>/<uuid:local_id>/take-back/", pairs.take_back, name="take_back"),
    path("records/<str:kind>/<uuid:local_id>/mark-synced/", pairs.mark_synced, name="mark_synced"),
]

# Xero sends the browser to one address, whichever the workspace (it must be registered there).
callback_patterns = ([path("xero/callback/", connection.xero_callback, name="xero_callback")], "oauth")
