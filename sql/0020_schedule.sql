-- The schedule: what is due, who does it, who asked to wait. A timer of a process only wakes it; these tables decide.

-- The only clock of the schedule: the machines that run filror may disagree by minutes, and all of them ask here.
create function schedule_clock() returns timestamptz
  language sql volatile
  set search_path = pg_catalog, pg_temp
as $$ select clock_timestamp() $$;

create table schedule (
  region text not null references region_state (region),
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  kind text not null check (kind in ('sync', 'reconcile', 'apply')),
  -- One source only; null: all those configured.
  source text check (source <> ''),
  -- Five fields, read in this time zone.
  cron text not null check (cron <> ''),
  time_zone text not null check (time_zone <> ''),
  catch_up text not null check (catch_up in ('none', 'last', 'all')),
  -- How many slots `all` catches up with at most.
  bound integer not null check (bound between 1 and 100),
  built_in boolean not null,
  created_at timestamptz not null,
  -- Every instant up to here has its slot, or was dropped by the catch-up policy.
  seen_until timestamptz not null,
  -- First instant after `seen_until`.
  next_at timestamptz not null,
  primary key (region, name),
  check (source is null or kind = 'sync'),
  check (next_at > seen_until)
);

-- The ledger. One row per region, job and instant, whoever computes it and however often: effects follow the row.
-- No reference to region_state: planning holds that row as long as it lasts, and a tick must not wait for it.
create table slot (
  region text not null check (region ~ '^[0-9]{2}$'),
  -- `sync`, `sync:<source>`, `reconcile`, `apply`.
  job text not null check (job ~ '^(sync(:.+)?|reconcile|apply)$'),
  due_at timestamptz not null,
  -- Schedule that it comes from; null when a person asked for it.
  schedule text,
  asked_by uuid references person (id),
  state text not null default 'due' check (state in ('due', 'running', 'done', 'failed', 'missed')),
  -- How often somebody began it, without counting those who gave it back.
  starts integer not null default 0 check (starts >= 0),
  -- Whoever holds an older number can record nothing any more.
  fence integer not null default 0,
  worker text,
  lease_until timestamptz,
  -- Run of the last start. The run row is written after the claim, hence no reference.
  run_id text,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code smallint check (exit_code in (0, 1, 2)),
  outcome jsonb,
  -- Code, message, remedy, place; for a missed slot, why.
  error jsonb,
  primary key (region, job, due_at),
  check ((schedule is null) <> (asked_by is null)),
  check ((state = 'running') = (worker is not null and lease_until is not null)),
  check ((state in ('done', 'failed', 'missed')) = (ended_at is not null)),
  check ((state in ('done', 'failed')) = (exit_code is not null))
);
-- No overlap: a region runs one slot at a time, whatever the number of processes.
create unique index slot_running on slot (region) where state = 'running';
create index slot_waiting on slot (region, due_at) where state in ('due', 'running');

-- What ended stays as it ended, and a fencing number only grows.
create function slot_moves_forward() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state in ('done', 'failed', 'missed') or new.fence < old.fence
     or (new.region, new.job, new.due_at) is distinct from (old.region, old.job, old.due_at) then
    raise exception 'L''échéance % du % est close : elle ne change plus.', old.job, old.due_at
      using errcode = 'restrict_violation',
            hint = 'Que faire : demandez un nouveau passage (filror schedule run).';
  end if;
  return new;
end
$$;
revoke all on function slot_moves_forward() from public;
create trigger moves_forward before update on slot for each row execute function slot_moves_forward();
create trigger kept before delete or truncate on slot for each statement execute function refuse_change();

-- A person asks to wait, says why and until when. Lifted or expired, the row stays.
create table pause (
  no bigint generated always as identity primary key,
  -- Null: every region.
  region text check (region ~ '^[0-9]{2}$'),
  -- Null: everything of the region.
  source text check (source <> ''),
  author uuid not null references person (id),
  reason text not null check (length(trim(reason)) > 0),
  begins_at timestamptz not null,
  expires_at timestamptz not null,
  lifted_by uuid references person (id),
  lifted_at timestamptz,
  check (expires_at > begins_at),
  check ((lifted_by is null) = (lifted_at is null))
);
create index pause_standing on pause (region, expires_at) where lifted_at is null;
create trigger kept before delete or truncate on pause for each statement execute function refuse_change();

grant select, insert, delete on schedule to filror_app;
grant update (cron, time_zone, seen_until, next_at) on schedule to filror_app;
grant select, insert on slot to filror_app;
grant update (state, starts, fence, worker, lease_until, run_id, started_at, ended_at, exit_code, outcome, error)
  on slot to filror_app;
grant select, insert on pause to filror_app;
grant update (lifted_by, lifted_at) on pause to filror_app;
