-- What is served to the tools that read: one directory per view, versions and deletions kept, made for searching.
-- A view is a base (`fhir`: enriched, `ror`: plain) and whom it is for (`public`, `professional`, `regulation`): what a
-- reader may not see stands in none of its rows, so that no search, count or history can tell it.

-- One writer at a time in a region: the row is locked until the publication ends, so that numbers and instants come in
-- the order in which publications become visible.
create table served_head (
  region text primary key references region_state (region),
  no bigint not null default 0 check (no >= 0),
  -- Instant of the last publication that changed something; milliseconds, as FHIR instants are written.
  at timestamptz,
  -- The journal up to which the mirror and the approved facts were taken into account.
  journal_no bigint not null default 0 check (journal_no >= 0),
  -- Rules under which everything was published; others publish everything again.
  rules text not null default ''
);

create function served_head_advances() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if new.no < old.no or new.at < old.at then
    raise exception 'La suite de ce qui est servi ne recule pas (n° %, après %).', new.no, old.no
      using errcode = 'restrict_violation',
            hint = 'Que faire : n''écrivez pas dans cette table, « filror publish » la tient.';
  end if;
  return new;
end
$$;
revoke all on function served_head_advances() from public;
create trigger advances before update on served_head for each row execute function served_head_advances();
grant select, insert on served_head to filror_app;
grant update (no, at, journal_no, rules) on served_head to filror_app;

-- What each resource of the mirror was when it was last published: the rows whose hash differs are published again.
create table served_source (
  region text not null references region_state (region),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  id text not null,
  source_hash text not null,
  -- A sensitive offer, and the places that an offer names: a place of sensitive offers alone is sensitive.
  sensitive boolean not null,
  places text[] not null,
  primary key (region, type, id)
);
create index served_source_places on served_source using gin (places);
grant select, insert, update, delete on served_source to filror_app;

-- Every version that was served. Append-only.
create table served_version (
  region text not null references region_state (region),
  no bigint not null check (no > 0),
  view text not null check (view ~ '^(fhir|ror)\.(public|professional|regulation)$'),
  type text not null check (type in ('HealthcareService', 'Organization', 'Location')),
  id text not null,
  version integer not null check (version > 0),
  at timestamptz not null,
  -- Null: it is not served any more.
  body text,
  primary key (region, no),
  unique (region, view, type, id, version)
);
create index served_version_view on served_version (region, view, no);
create index served_version_at on served_version (region, at);
create index served_version_type on served_version (region, view, type, no);
create trigger append_only before update or delete or truncate on served_version
  for each statement execute function refuse_change();
grant select, insert on served_version to filror_app;

-- What is served now, in the form that searches need. Made again from served_version and the search parameters.
create table served_resource (
  region text not null,
  view text not null,
  type text not null,
  id text not null,
  no bigint not null,
  version integer not null,
  at timestamptz not null,
  -- SHA-256 of what it says, its own number and instant apart.
  content_hash text not null,
  body text not null,
  -- As a search writes them: `<type>/<parameter>=<system>|<code>`, `…=<code>` with any system, `…=<system>|`, `…=|<code>`.
  tokens text[] not null,
  name text,
  latitude double precision,
  longitude double precision,
  primary key (region, view, type, id)
) partition by list (view);
create table served_resource_fhir_public partition of served_resource for values in ('fhir.public');
create table served_resource_fhir_professional partition of served_resource for values in ('fhir.professional');
create table served_resource_fhir_regulation partition of served_resource for values in ('fhir.regulation');
create table served_resource_ror_public partition of served_resource for values in ('ror.public');
create table served_resource_ror_professional partition of served_resource for values in ('ror.professional');
create table served_resource_ror_regulation partition of served_resource for values in ('ror.regulation');
-- Without a list of pending entries: searches are frequent, publications are not, and a long list is read whole.
create index served_resource_tokens on served_resource using gin (tokens) with (fastupdate = off);
create index served_resource_at on served_resource (region, view, type, at, id);
create index served_resource_place on served_resource (region, view, type, latitude) where latitude is not null;

-- One export that was asked for: what it covers is decided then, and read as of then, however long it takes.
create table served_export (
  region text not null references region_state (region),
  id uuid not null,
  view text not null,
  -- Client of the token; null for an anonymous reader. Nobody else finds it.
  client text,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  up_to bigint not null,
  at timestamptz not null,
  -- Request, types, filters, format: as asked.
  asked jsonb not null,
  -- [{type, kind, after, through, count}] once cut into files.
  files jsonb,
  primary key (region, id)
);
grant select, insert, delete on served_export to filror_app;
grant update (files) on served_export to filror_app;

-- Texts (folded: no accents, lower case) and numbers (dates as seconds since 1970) of the search parameters.
create table served_value (
  region text not null,
  view text not null,
  type text not null,
  id text not null,
  param text not null,
  text text,
  low numeric,
  high numeric,
  check ((text is null) <> (low is null and high is null))
);
create index served_value_owner on served_value (region, view, type, id);
create index served_value_text on served_value (region, view, type, param, text text_pattern_ops)
  -- Full texts may be longer than an index row, and are looked at inside.
  where text is not null and param <> '_content';
create index served_value_low on served_value (region, view, type, param, low) where text is null;

-- References from one resource to another, by the parameter that follows them.
create table served_link (
  region text not null,
  view text not null,
  type text not null,
  id text not null,
  param text not null,
  target_type text not null,
  target_id text not null,
  primary key (region, view, type, id, param, target_type, target_id)
);
create index served_link_target on served_link (region, view, target_type, target_id, type, param);

grant select, insert, update, delete on served_resource, served_value, served_link to filror_app;
