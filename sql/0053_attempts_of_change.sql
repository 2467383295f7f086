-- How things stood on an earlier day is asked change by change (issue 5): without these, each page reads every attempt of
-- its region (30 ms of 40,000 attempts, against 0.1 ms).
create index apply_attempt_change on apply_attempt (region, change_id);
create index apply_attempt_identifier on apply_attempt (region, identifier) where identifier is not null;
