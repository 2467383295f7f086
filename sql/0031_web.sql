-- Who is signed in, and rights that stand in for another person's for a time (DESIGN 5, `grant`; scenario S6).

-- A session is known by the hash of what the browser holds: the table gives nobody a way in.
create table web_session (
  id_hash text primary key check (id_hash ~ '^[0-9a-f]{64}$'),
  person uuid not null references person (id),
  -- Sent back by every form of the session, and by nothing else.
  csrf text not null,
  -- Told once, on the next page.
  notice text,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index web_session_expiry on web_session (expires_at);
grant select, insert, delete on web_session to filror_app;
grant update (notice, seen_at) on web_session to filror_app;

-- A sign-in under way (authorization code with PKCE): made before the browser leaves, used once.
create table web_sign_in (
  state_hash text primary key check (state_hash ~ '^[0-9a-f]{64}$'),
  issuer text not null,
  nonce text not null,
  verifier text not null,
  return_to text not null,
  expires_at timestamptz not null
);
grant select, insert, delete on web_sign_in to filror_app;

-- A deputy acts between two dates on behalf of somebody who holds the role; an establishment's person for one EJ only.
alter table person_grant
  add column on_behalf_of uuid references person (id),
  add column valid_from timestamptz,
  add column valid_until timestamptz,
  add column ej text check (ej ~ '^[0-9A-Z]{9}$'),
  add constraint person_grant_deputy_has_dates check (
    (on_behalf_of is null) = (valid_until is null) and (on_behalf_of is null) = (valid_from is null)),
  add constraint person_grant_deputy_is_another check (on_behalf_of is distinct from person),
  add constraint person_grant_dates check (valid_until is null or valid_until > valid_from),
  add constraint person_grant_ej check (ej is null or role = 'establishment');

drop index person_grant_active;
create unique index person_grant_active
  on person_grant (region, person, role, coalesce(on_behalf_of, person), coalesce(ej, ''))
  where revoked_at is null;

-- Rights as they count at an instant: a deputy's only between the dates, and only while the other holds the role.
create function standing_grants(in_region text, at timestamptz, confirmed_after timestamptz)
  returns table (person uuid, role text, on_behalf_of uuid, ej text)
  language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  select g.person, g.role, g.on_behalf_of, g.ej
  from public.person_grant g
  where g.region = in_region and g.revoked_at is null and g.confirmed_at >= confirmed_after
    and (g.on_behalf_of is null or (
      at >= g.valid_from and at < g.valid_until
      and exists (select 1 from public.person_grant h
        where h.region = g.region and h.person = g.on_behalf_of and h.role = g.role
          and h.on_behalf_of is null and h.revoked_at is null)))
$$;

-- An approval given by a deputy says so: it counts as the voice of the person who is away, never beside it.
alter table decision add column on_behalf_of uuid references person (id);

-- As in sql/0012, with deputies.
create or replace function refuse_unapproved_attempt() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted integer;
  given integer;
begin
  perform public.require_present_view();
  select c.quorum into wanted from public.change c
    where c.region = new.region and c.id = new.change_id and c.hash = new.hash
      and c.state in ('approved', 'uncertain') for update;
  if wanted is null then
    raise exception 'FILROR_NOT_APPROVED : le changement % n''est pas approuvé sous cette forme.', new.change_id
      using errcode = 'check_violation',
            hint = 'Que faire : faites approuver le changement, tel que « filror show » le montre.';
  end if;
  select count(*) into given from public.counting_approvals(new.region, new.change_id, new.hash, null);
  if given < wanted then
    raise exception 'FILROR_NOT_APPROVED : le changement % a % approbation(s) valable(s) sur %.',
        new.change_id, given, wanted
      using errcode = 'check_violation',
            hint = 'Que faire : faites approuver par une autre personne, dont le droit est confirmé.';
  end if;
  return new;
end
$$;

-- People whose approval of this exact form counts now, each voice once: entitled, right confirmed lately, no author,
-- neither the approver nor the one acted for; outside a sandbox no persona of the configuration.
create function counting_approvals(in_region text, in_change text, in_hash text, in_confirmed_after timestamptz)
  returns table (voice uuid, person uuid)
  language sql stable
  set search_path = pg_catalog, pg_temp
as $$
  select distinct on (coalesce(d.on_behalf_of, d.person)) coalesce(d.on_behalf_of, d.person), d.person
  from public.decision d
  join public.person p on p.id = d.person
  join public.region_state r on r.region = d.region
  -- A deputy's dates are those of the approval: it stands when the deputy's time is over, unless it was taken back.
  join lateral public.standing_grants(in_region, d.at,
      coalesce(in_confirmed_after, clock_timestamp() - r.grant_max_age)) g
    on g.person = d.person and g.role = 'reviewer' and g.on_behalf_of is not distinct from d.on_behalf_of
  where d.region = in_region and d.change_id = in_change and d.hash = in_hash and d.verdict = 'approve'
    and not exists (select 1 from public.change_author a
      where a.region = d.region and a.change_id = d.change_id and a.person in (d.person, d.on_behalf_of))
    and (r.sandbox or p.issuer not like 'persona:%')
  order by coalesce(d.on_behalf_of, d.person), d.on_behalf_of nulls first, d.person
$$;

-- As in sql/0027, with deputies.
create or replace function refuse_unentitled_anomaly() returns trigger
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
  if not exists (select 1 from public.region_state r
      join lateral public.standing_grants(r.region, clock_timestamp(), clock_timestamp() - r.grant_max_age) g
        on g.person = new.sent_by and g.role = 'reviewer'
      join public.person p on p.id = g.person
      where r.region = new.region and (r.sandbox or p.issuer not like 'persona:%')) then
    raise exception 'FILROR_NOT_ENTITLED : cette personne n''a pas le droit de signaler dans la région %.', new.region
      using errcode = 'check_violation',
            hint = 'Que faire : faites envoyer le signalement par une personne qui a le rôle « reviewer ».';
  end if;
  return new;
end
$$;

revoke all on function standing_grants(text, timestamptz, timestamptz) from public;
revoke all on function counting_approvals(text, text, text, timestamptz) from public;
grant execute on function standing_grants(text, timestamptz, timestamptz) to filror_app;
grant execute on function counting_approvals(text, text, text, timestamptz) to filror_app;
