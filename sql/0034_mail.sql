-- Mail: what was decided, what was sent. Addresses are configuration (mail.yaml): none stands here.

-- Sources that a run which ended well collected: only those may be said to work again. Null: the run failed or plans only.
alter table run add column collected text[];

-- A link that came with a reminder asks nothing anew: the deadline stays that of the first one.
alter table agreement_link add column reminder boolean not null default false;

-- How far mail has read in a region, and whether the server answers. Whoever decides what to send holds this row.
create table mail_state (
  region text primary key references region_state (region),
  -- Last number of the journal that was looked at for what is told at once.
  seen_no bigint not null check (seen_no >= 0),
  -- Last number of the journal that a digest told.
  digest_no bigint not null check (digest_no >= 0),
  -- Last day, in Paris, whose digest is dealt with.
  digest_day date not null,
  -- Failed connections in a row, and when the next one is tried.
  failures integer not null default 0 check (failures >= 0),
  retry_at timestamptz
);
grant select, insert, update on mail_state to filror_app;

-- One thing that goes wrong and, one day, is over: a source, the runs of a region, its weekly full reading.
create table mail_thread (
  region text not null references region_state (region),
  no bigint generated always as identity,
  -- `source:<name>`, `run`, `fullReading`.
  about text not null check (about <> ''),
  -- The subject of all its messages: clients put them together by it too.
  subject text not null check (subject <> '' and subject !~ '[[:cntrl:]]'),
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- What was last told: a run or a slot, the fault's code, when.
  last_about text not null,
  last_code text not null,
  last_at timestamptz not null,
  primary key (region, no)
);
create unique index mail_thread_open on mail_thread (region, about) where closed_at is null;
grant select, insert on mail_thread to filror_app;
grant update (closed_at, last_about, last_code, last_at) on mail_thread to filror_app;
create trigger kept before delete or truncate on mail_thread for each statement execute function refuse_change();

-- A message, written in the transaction that decided it, sent later: at least once, always under the same Message-ID.
create table mail_message (
  region text not null references region_state (region),
  no bigint generated always as identity,
  -- conflict, refused, withdrawal, agreement, overdue, failure, fullReading, recovered, digest, reminder
  kind text not null check (kind <> ''),
  -- Who it is for: operators, reviewers, both, or the correspondent of one legal entity.
  audience text not null check (audience ~ '^(operators|reviewers|all|establishment:[0-9A-Z]{9})$'),
  -- Without angle brackets.
  message_id text not null check (message_id ~ '^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+$'),
  thread_no bigint,
  -- What it tells, so that nothing is told twice: a range of the journal, a day, a run, a reminder.
  about text not null check (about <> ''),
  subject text not null check (subject <> '' and subject !~ '[[:cntrl:]]'),
  body text not null,
  -- For a reminder: the changes in the forms asked for, and the deadline; the link itself is made when it is sent.
  asks jsonb,
  decided_at timestamptz not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'abandoned')),
  ended_at timestamptz,
  -- Salted hashes of the addresses that took it, and of those that refused it for good.
  taken text[] not null default '{}',
  refused text[] not null default '{}',
  tries integer not null default 0 check (tries >= 0),
  next_try_at timestamptz not null,
  -- Code of the last fault: nothing of what the server said, which may name somebody.
  last_code text,
  -- Whoever holds an older number can record nothing any more.
  fence integer not null default 0,
  lease_until timestamptz,
  primary key (region, no),
  foreign key (region, thread_no) references mail_thread (region, no),
  check ((state = 'pending') = (ended_at is null))
);
create unique index mail_message_about on mail_message (region, kind, audience, about);
create index mail_message_pending on mail_message (region, next_try_at) where state = 'pending';
create index mail_message_thread on mail_message (region, thread_no, no) where thread_no is not null;
grant select, insert on mail_message to filror_app;
grant update (state, ended_at, taken, refused, tries, next_try_at, last_code, fence, lease_until)
  on mail_message to filror_app;
create trigger kept before delete or truncate on mail_message for each statement execute function refuse_change();

-- What was sent or given up stays so.
create function mail_moves_forward() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state <> 'pending' or new.fence < old.fence then
    raise exception 'Le courriel n° % de la région % est clos : il ne change plus.', old.no, old.region
      using errcode = 'restrict_violation', hint = 'Que faire : rien, il a été envoyé ou abandonné.';
  end if;
  return new;
end
$$;
revoke all on function mail_moves_forward() from public;
create trigger moves_forward before update on mail_message
  for each row execute function mail_moves_forward();
