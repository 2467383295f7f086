-- The establishment's agreement, and the follow-up of what is handed over rather than written (DESIGN 3 (9) and (10)).

-- Whether a region asks for the agreement. Null: asked, unless the region is a sandbox (DESIGN 10). The application
-- writes what the region's profile says before it decides or sends.
alter table region_state add column agreement_asked boolean;

-- Append-only: the last row of (change, hash) holds. It is bound to the form that was shown, as an approval is.
create table agreement (
  region text not null,
  no bigint generated always as identity,
  change_id text not null,
  hash text not null,
  verdict text not null check (verdict in ('agree', 'refuse', 'undo')),
  -- Function and establishment, never somebody's name or address: names of people stand in `person` only.
  given_by text,
  channel text check (channel in ('email', 'letter', 'meeting', 'phone', 'form', 'other')),
  given_on date,
  -- A file is kept by its name and its hash, not by its bytes: a letter holds names, and this table forgets nothing.
  document_name text,
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  document_reference text,
  reason text,
  recorded_by uuid not null references person (id),
  recorded_at timestamptz not null,
  primary key (region, no),
  foreign key (region, change_id, hash) references change (region, id, hash),
  check ((document_name is null) = (document_sha256 is null)),
  check (verdict = 'undo' or (coalesce(length(trim(given_by)), 0) > 0 and channel is not null and given_on is not null)),
  check (verdict <> 'agree' or document_sha256 is not null or coalesce(length(trim(document_reference)), 0) > 0),
  check (verdict = 'agree' or coalesce(length(trim(reason)), 0) > 0)
);
create index agreement_latest on agreement (region, change_id, hash, no desc);
create trigger append_only before update or delete or truncate on agreement
  for each statement execute function refuse_change();
grant select, insert on agreement to filror_app;

-- Said before anything leaves, or not at all: afterwards it would rewrite why something was sent.
create function refuse_late_agreement() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.require_present_view();
  perform 1 from public.change c where c.region = new.region and c.id = new.change_id and c.hash = new.hash
    and c.state in ('proposed', 'approved') for update;
  if not found or exists (select 1 from public.apply_attempt a
      where a.region = new.region and a.change_id = new.change_id and a.state in ('open', 'uncertain')) then
    raise exception 'FILROR_AGREEMENT_LATE : le changement % n''attend pas, ou plus, l''accord de l''établissement.',
        new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : voyez où il en est avec « filror show ».';
  end if;
  if new.verdict = 'undo' and not exists (select 1 from (select a.verdict from public.agreement a
      where a.region = new.region and a.change_id = new.change_id and a.hash = new.hash
      order by a.no desc limit 1) as latest where latest.verdict <> 'undo') then
    raise exception 'FILROR_AGREEMENT_NONE : aucun accord du changement % n''est à reprendre.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : voyez ce qui est enregistré avec « filror show ».';
  end if;
  return new;
end
$$;
revoke all on function refuse_late_agreement() from public;
create trigger agreement_in_time before insert on agreement
  for each row execute function refuse_late_agreement();

-- Nothing leaves a region that asks for it without an agreement to exactly this form. The change's row is held by the
-- trigger on approvals, which comes first by its name.
create function refuse_disagreed_attempt() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  last text;
begin
  if exists (select 1 from public.region_state r
      where r.region = new.region and coalesce(r.agreement_asked, not r.sandbox)) then
    select a.verdict into last from public.agreement a
      where a.region = new.region and a.change_id = new.change_id and a.hash = new.hash
      order by a.no desc limit 1;
    if last is distinct from 'agree' then
      raise exception 'FILROR_NOT_AGREED : le changement % n''a pas l''accord de l''établissement sous cette forme.',
          new.change_id
        using errcode = 'check_violation',
              hint = 'Que faire : enregistrez l''accord avec « filror agree », ou rejetez le changement.';
    end if;
  end if;
  return new;
end
$$;
revoke all on function refuse_disagreed_attempt() from public;
create trigger attempt_with_agreement before insert on apply_attempt
  for each row execute function refuse_disagreed_attempt();

-- A sheet or a Task is handed over in the place of a write: the intent, the approvals and the agreement are the same.
alter table apply_attempt drop constraint apply_attempt_way_check;
alter table apply_attempt add constraint apply_attempt_way_check
  check (way in ('patch', 'post', 'put', 'none', 'sheet', 'task'));

-- What became of a change that was handed over. Append-only: where it stands is read from its rows.
create table followup_event (
  region text not null,
  no bigint generated always as identity,
  change_id text not null,
  hash text not null,
  kind text not null check (kind in
    ('transmitted', 'assigned', 'reminded', 'seen', 'differs', 'refused', 'expired')),
  -- Service or function that types the sheet; never somebody's name.
  owner text,
  -- Told on the sheet: after that instant, what is not seen is proposed again.
  expires_at timestamptz,
  reason text,
  -- differs: what was asked and what the repository says; seen: offer and version.
  body jsonb,
  attempt bigint,
  person uuid references person (id),
  at timestamptz not null,
  primary key (region, no),
  foreign key (region, change_id, hash) references change (region, id, hash),
  foreign key (region, attempt) references apply_attempt (region, no),
  check ((kind = 'transmitted') = (expires_at is not null)),
  check (kind <> 'transmitted' or attempt is not null),
  check (kind <> 'assigned' or coalesce(length(trim(owner)), 0) > 0),
  check (kind <> 'refused' or coalesce(length(trim(reason)), 0) > 0)
);
create index followup_event_change on followup_event (region, change_id, no);
-- A change is handed over once, and its follow-up ends once.
create unique index followup_transmitted_once on followup_event (region, change_id) where kind = 'transmitted';
create unique index followup_ended_once on followup_event (region, change_id)
  where kind in ('seen', 'differs', 'refused', 'expired');
create trigger append_only before update or delete or truncate on followup_event
  for each statement execute function refuse_change();
grant select, insert on followup_event to filror_app;

-- What a plan knew of the follow-up: an end reopens proposals although no list, answer or offer moved.
alter table plan_input add column followup_no bigint not null default 0;
