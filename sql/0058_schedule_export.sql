-- The set to download may be written by the schedule, and is a slot of the ledger like the others.
alter table schedule drop constraint schedule_kind_check;
alter table schedule add constraint schedule_kind_check check (kind in ('sync', 'reconcile', 'apply', 'export'));
alter table slot drop constraint slot_job_check;
alter table slot add constraint slot_job_check check (job ~ '^(sync(:.+)?|reconcile|apply|export)$');
