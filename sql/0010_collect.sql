-- What was collected: bytes first, then what each row says. Every region-scoped key starts with the region.

create table region_state (
  region text primary key check (region ~ '^[0-9]{2}$'),
  -- One row per region, taken FOR UPDATE by whoever plans or answers: one writer per region at a time.
  touched_at timestamptz not null default now()
);

create table snapshot (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null check (bytes >= 0),
  stored_at timestamptz not null
);

-- The compressed stream (zlib), cut in pieces of 1 MiB.
create table snapshot_chunk (
  sha256 text not null references snapshot (sha256),
  no integer not null check (no >= 0),
  data bytea not null,
  primary key (sha256, no)
);

create table run (
  region text not null references region_state (region),
  id text not null,
  no bigint generated always as identity unique,
  kind text not null check (kind in ('sync', 'replan', 'technical')),
  state text not null check (state in ('running', 'done', 'unchanged', 'failed')),
  started_at timestamptz not null,
  finished_at timestamptz,
  -- French message, remedy and code of the failure.
  error jsonb,
  -- Counts per source, gates, matches, summary; what `sync --output json` prints besides the changes.
  report jsonb,
  -- Run whose result still holds, for a run that found everything unchanged.
  same_as text,
  primary key (region, id)
);

create table run_step (
  region text not null,
  run_id text not null,
  step text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  counts jsonb not null,
  primary key (region, run_id, step),
  foreign key (region, run_id) references run (region, id)
);

-- One arrival of a snapshot from one source for one region. The present one is the last accepted.
create table delivery (
  region text not null references region_state (region),
  no bigint generated always as identity unique,
  source text not null,
  sha256 text not null references snapshot (sha256),
  run_id text not null,
  file_name text not null,
  origin text not null,
  etag text,
  last_modified text,
  content_date date,
  fetched_at timestamptz not null,
  -- Person who handed the file over on the command line: an author of whatever rests on it.
  imported_by uuid references person (id),
  rows_read integer not null,
  rows_aside integer not null,
  -- Counts that the gates of the next delivery compare with.
  counts jsonb not null,
  primary key (region, source, no),
  foreign key (region, run_id) references run (region, id)
);
create index delivery_latest on delivery (region, source, no desc);

create table rejected_row (
  region text not null,
  delivery_no bigint not null references delivery (no),
  position integer not null,
  code text not null,
  locator jsonb not null,
  field text,
  value text,
  message text not null,
  remedy text not null,
  key text,
  primary key (region, delivery_no, position)
);

-- An observation is an interval: what a source says under one key from one delivery until another one.
create table observation (
  region text not null,
  source text not null,
  key text not null,
  content_hash text not null,
  content text not null,
  locator jsonb not null,
  first_delivery bigint not null references delivery (no),
  closed_delivery bigint references delivery (no),
  primary key (region, source, key, first_delivery)
);
create unique index observation_open on observation (region, source, key) where closed_delivery is null;

create table establishment (
  region text not null,
  eg text not null,
  ej text not null,
  aggregate text not null,
  departement text not null,
  content_hash text not null,
  content text not null,
  first_delivery bigint not null references delivery (no),
  closed_delivery bigint references delivery (no),
  primary key (region, eg, first_delivery)
);
create unique index establishment_open on establishment (region, eg) where closed_delivery is null;
create index establishment_ej on establishment (region, ej);
create index establishment_hospital on establishment (region, aggregate);

create table establishment_point (
  region text not null,
  eg text not null,
  content_hash text not null,
  content text not null,
  first_delivery bigint not null references delivery (no),
  closed_delivery bigint references delivery (no),
  primary key (region, eg, first_delivery)
);
create unique index establishment_point_open on establishment_point (region, eg) where closed_delivery is null;

-- Repository's present and past state, append-only: the last row of a resource is what it says now.
create table remote_version (
  no bigint generated always as identity primary key,
  region text not null references region_state (region),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  remote_id text not null,
  -- Offer identifier, or FINESS number of an organization.
  identifier text,
  version_id text,
  body text not null,
  body_hash text not null,
  gone boolean not null default false,
  seen_at timestamptz not null
);
create index remote_version_latest on remote_version (region, type, remote_id, no desc);
create index remote_version_identifier on remote_version (region, type, identifier, no desc);

grant select, insert on snapshot, snapshot_chunk, delivery, rejected_row, remote_version to filror_app;
grant select, insert, update on region_state, run, run_step to filror_app;
grant select, insert on observation, establishment, establishment_point to filror_app;
grant update (closed_delivery) on observation, establishment, establishment_point to filror_app;
