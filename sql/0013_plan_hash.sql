-- What a plan came to, so that a replay can tell when the same inputs no longer give the same bytes.
-- Null for the plans made before this migration: nothing is known of theirs.
alter table plan_input add column resources_hash text check (resources_hash ~ '^[0-9a-f]{64}$');
