-- The mirror's readings: which one is the last full one, where the next delta begins, what is being loaded.

-- Append-only: one row per reading that was full, or that found something. A quiet delta writes nothing.
create table mirror_reading (
  region text not null references region_state (region),
  no bigint generated always as identity,
  mode text not null check (mode in ('full', 'delta', 'export')),
  -- Base URL and access profile that were read: another repository, or other eyes, need a full reading.
  repository text not null,
  started_at timestamptz not null,
  recorded_at timestamptz not null,
  -- The server's own instants up to which everything was seen; the next delta begins before, by the overlap.
  seen_until timestamptz not null,
  read integer not null check (read >= 0),
  moved integer not null check (moved >= 0),
  gone integer not null check (gone >= 0),
  -- A delta never concludes that something disappeared.
  check (mode <> 'delta' or gone = 0),
  primary key (region, no)
);
create trigger append_only before update or delete or truncate on mirror_reading
  for each statement execute function refuse_change();
grant select, insert on mirror_reading to filror_app;

-- The one export under way in a region: what is needed to go on after a crash, an expired token or a reboot.
create table mirror_export (
  region text primary key references region_state (region),
  reading text not null,
  repository text not null,
  started_at timestamptz not null,
  -- Cursor of remote_version when it was asked for: what is newer than that is known better from elsewhere.
  from_no bigint not null,
  poll_url text not null,
  -- [{type, url}] once the server has made them.
  files jsonb,
  files_done integer not null default 0 check (files_done >= 0)
);
grant select, insert, update, delete on mirror_export to filror_app;

-- What a reading has seen so far; nothing of it counts before it is recorded whole. Emptied when it is.
create table mirror_stage (
  region text not null references region_state (region),
  reading text not null,
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  remote_id text not null,
  identifier text,
  version_id text,
  last_updated timestamptz,
  -- Null when the mirror has this very body already.
  body text,
  body_hash text not null,
  staged_at timestamptz not null,
  primary key (region, reading, type, remote_id)
);
grant select, insert, update, delete on mirror_stage to filror_app;
