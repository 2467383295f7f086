-- What one process learns of a repository and another has to know.

-- An export whose file fails again is let go: its place among the files, and how often it failed there in a row.
alter table mirror_export
  add column failed_file integer check (failed_file >= 0),
  add column failures integer not null default 0 check (failures >= 0);

-- The circuit breaker of each server of a region, as the last process that saw it change tells it. No history: the log
-- has it. A row that says `open` with an instant gone by is of a process that ended meanwhile.
create table repository_circuit (
  region text not null references region_state (region),
  host text not null check (host <> ''),
  state text not null check (state in ('closed', 'open', 'halfOpen')),
  failures_in_a_row integer not null check (failures_in_a_row >= 0),
  -- When the next request may be tried; null while closed.
  retry_at timestamptz,
  changed_at timestamptz not null,
  process text not null,
  check ((state = 'closed') = (retry_at is null)),
  primary key (region, host)
);
grant select, insert, update on repository_circuit to filror_app;
