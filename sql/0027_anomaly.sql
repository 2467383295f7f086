-- Anomalies reported to the repository by a Task (DESIGN 7: the channel of whoever does not own the record). The intent
-- comes before the request, the outcome after, as for a write; how it is handled is followed.

create table anomaly (
  region text not null,
  no bigint generated always as identity,
  change_id text not null,
  hash text not null,
  -- `offer`: what the change proposes. `carrier`: the establishment that is missing in the repository.
  about text not null check (about in ('offer', 'carrier')),
  action text not null check (action in ('AJO', 'COR', 'SUP')),
  -- Words of the description by which the Task is found again when nobody knows whether it was created.
  mark text not null check (mark <> ''),
  body text not null,
  state text not null default 'open' check (state in ('open', 'sent', 'refused', 'uncertain', 'abandoned')),
  remote_id text,
  outcome jsonb,
  sent_by uuid not null references person (id),
  -- Until then the request may still arrive.
  lease_until timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (region, no),
  foreign key (region, change_id, hash) references change (region, id, hash),
  check ((state = 'sent') <= (remote_id is not null))
);
-- One report of a kind for one form of a change, whoever asks.
create unique index anomaly_once on anomaly (region, change_id, hash, about)
  where state in ('open', 'sent', 'uncertain');
grant select, insert on anomaly to filror_app;
grant update (state, remote_id, outcome, lease_until, ended_at) on anomaly to filror_app;

create function refuse_rewritten_anomaly() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state in ('sent', 'refused', 'abandoned') then
    raise exception 'FILROR_SETTLED : le signalement n° % est réglé (%), il ne change plus.', old.no, old.state
      using errcode = 'restrict_violation',
            hint = 'Que faire : un nouveau signalement a sa propre ligne ; voyez « filror task list ».';
  end if;
  return new;
end
$$;
revoke all on function refuse_rewritten_anomaly() from public;
create trigger anomaly_settled before update on anomaly
  for each row execute function refuse_rewritten_anomaly();

-- Nobody reports what rests on an act of theirs, nor without the right to review (rule 2): the Task says it outside.
create function refuse_unentitled_anomaly() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.require_present_view();
  perform 1 from public.change c where c.region = new.region and c.id = new.change_id for update;
  if exists (select 1 from public.change_author a
      where a.region = new.region and a.change_id = new.change_id and a.person = new.sent_by) then
    raise exception 'FILROR_FOUR_EYES : cette personne est à l''origine d''une valeur du changement %.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : demandez l''envoi du signalement à une autre personne.';
  end if;
  if new.about = 'offer' and not exists (select 1 from public.change c
      where c.region = new.region and c.id = new.change_id and c.hash = new.hash
        and c.state in ('approved', 'transmitted')) then
    raise exception 'FILROR_NOT_APPROVED : le changement % n''est pas approuvé sous cette forme.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : faites approuver le changement, tel que « filror show » le montre.';
  end if;
  if not exists (select 1 from public.person_grant g
      join public.region_state r on r.region = g.region
      join public.person p on p.id = g.person
      where g.person = new.sent_by and g.region = new.region and g.role = 'reviewer' and g.revoked_at is null
        and (r.sandbox or p.issuer not like 'persona:%')
        and g.confirmed_at >= clock_timestamp() - r.grant_max_age) then
    raise exception 'FILROR_NOT_ENTITLED : cette personne n''a pas le droit de signaler dans la région %.', new.region
      using errcode = 'check_violation',
            hint = 'Que faire : faites envoyer le signalement par une personne qui a le rôle « reviewer ».';
  end if;
  return new;
end
$$;
revoke all on function refuse_unentitled_anomaly() from public;
create trigger anomaly_four_eyes before insert on anomaly
  for each row execute function refuse_unentitled_anomaly();

-- How the handling goes, as read from the Task (TRE_R352). Append-only: a row only when it is another one.
create table anomaly_status (
  region text not null,
  no bigint generated always as identity,
  anomaly bigint not null,
  code text not null check (code ~ '^[0-9]{2}$'),
  seen_at timestamptz not null,
  primary key (region, no),
  foreign key (region, anomaly) references anomaly (region, no)
);
create index anomaly_status_latest on anomaly_status (region, anomaly, no desc);
create trigger append_only before update or delete or truncate on anomaly_status
  for each statement execute function refuse_change();
grant select, insert on anomaly_status to filror_app;
