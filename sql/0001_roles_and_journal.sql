-- Roles, people, journal.
-- The role that runs this file owns everything in it; the application works as a member of filror_app.

-- Roles belong to the whole server: another database of it may have made this one, perhaps at this very instant.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'filror_app') then
    create role filror_app nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to filror_app;

-- For every append-only table:
--   create trigger append_only before update or delete or truncate on t
--     for each statement execute function refuse_change();
-- Rights already keep the application from it; this keeps the owner from doing it by mistake.
create function refuse_change() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'La table % n''accepte que des ajouts (% refusé).', tg_table_name, tg_op
    using errcode = 'restrict_violation',
          hint = 'Que faire : ajoutez une écriture qui corrige la précédente.';
end
$$;
revoke all on function refuse_change() from public;

-- Names of people stand here and nowhere else, so that they can be erased; everything else holds the id.
-- An erasure empties the name and replaces the subject, which may itself be a professional's number.
create table person (
  id uuid primary key default gen_random_uuid(),
  issuer text not null check (issuer <> ''),
  subject text not null check (subject <> ''),
  display_name text check (display_name <> ''),
  erased_at timestamptz,
  unique (issuer, subject),
  constraint person_erased_has_no_name check (erased_at is null or display_name is null)
);
grant select, insert on person to filror_app;
grant update (subject, display_name, erased_at) on person to filror_app;

-- The journal: one chain for the whole server, in the order of `no`. A serial would leave gaps and misorder, so
-- the number is the head's plus one, taken while the head row is locked. `body` is kept byte for byte: it is
-- what was hashed.
create table journal (
  no bigint primary key check (no > 0),
  at timestamptz not null,
  region text check (region <> ''),
  kind text not null check (kind <> ''),
  subject text not null,
  actor uuid references person (id),
  body text not null,
  prev_hash text not null check (prev_hash ~ '^[0-9a-f]{64}$'),
  hash text not null check (hash ~ '^[0-9a-f]{64}$')
);
create index journal_by_region on journal (region, no);
create index journal_by_subject on journal (subject, no);

create table journal_head (
  only_row boolean primary key default true check (only_row),
  no bigint not null,
  at timestamptz,
  hash text not null
);
insert into journal_head (no, hash) values (0, repeat('0', 64));

-- One field of the hashed text: '<bytes in UTF-8>:<value>,' or '-,' when null. A length before each value makes
-- the whole unambiguous whatever the values hold (netstrings, https://cr.yp.to/proto/netstrings.txt).
create function journal_field(value text) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select case when value is null then '-,' else octet_length(value) || ':' || value || ',' end
$$;

-- The instant as it is hashed: UTC, microseconds, 2026-03-12T06:12:00.000000Z.
create function journal_instant(at timestamptz) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- SHA-256, in lower-case hexadecimal, of the fields in this order. The same in TypeScript: src/journal/hash.ts.
create function journal_hash(
  no bigint, at timestamptz, region text, kind text, subject text, actor uuid, body text, prev_hash text
) returns text
  language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(convert_to(
    public.journal_field('filror.journal/1')
    || public.journal_field(no::text)
    || public.journal_field(public.journal_instant(at))
    || public.journal_field(region)
    || public.journal_field(kind)
    || public.journal_field(subject)
    || public.journal_field(actor::text)
    || public.journal_field(body)
    || public.journal_field(prev_hash),
    'UTF8')), 'hex')
$$;

-- Whoever inserts says what happened; number, instant and chain are set here, whatever was given. It runs with
-- the rights of the owner, since the application may not touch the head.
create function journal_chain() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  head public.journal_head;
begin
  select * into strict head from public.journal_head for update;
  new.no := head.no + 1;
  -- A clock that is set back must not make the journal's order and its instants disagree.
  new.at := greatest(clock_timestamp(), head.at);
  new.prev_hash := head.hash;
  new.hash := public.journal_hash(
    new.no, new.at, new.region, new.kind, new.subject, new.actor, new.body, new.prev_hash);
  update public.journal_head set no = new.no, at = new.at, hash = new.hash;
  return new;
end
$$;
revoke all on function journal_chain() from public;

create trigger chain before insert on journal for each row execute function journal_chain();
create trigger append_only before update or delete or truncate on journal
  for each statement execute function refuse_change();

create function journal_head_advances() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.no <> old.no + 1 then
    raise exception 'La tête du journal n''avance que d''une écriture à la fois.'
      using errcode = 'restrict_violation',
            hint = 'Que faire : n''écrivez pas dans cette table, elle suit le journal.';
  end if;
  return new;
end
$$;
revoke all on function journal_head_advances() from public;

create trigger advances before update on journal_head
  for each row execute function journal_head_advances();
create trigger append_only before insert or delete or truncate on journal_head
  for each statement execute function refuse_change();

grant select on journal, journal_head to filror_app;
grant insert (region, kind, subject, actor, body) on journal to filror_app;
